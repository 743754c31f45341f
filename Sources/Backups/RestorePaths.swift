/// How `restore.sh` comes to its targets: as qtctl does (`Folder.shared`), as far as sh can.
///
/// It goes to a folder name by name and then works in it by names without a slash, so that whatever is swapped on the way
/// meanwhile, what is written is in the folder that was looked at. Root's symlinks are followed in folders that only root
/// can write; all others are refused. In a folder that others can write, a file is made in a new folder of root's.
enum RestorePaths {
  static let functions = #"""
    failed=0
    at=

    no() { # why, path
      echo "'$2' $1" >&2
      at=
      return 1
    }

    ours() { # whether only root can make and rename names here
      case $(stat -c '%u %g %a' .) in
      "0 "*[2367]) return 1 ;;
      "0 0 "*) return 0 ;;
      "0 "*[2367]?) return 1 ;;
      "0 "*) return 0 ;;
      *) return 1 ;;
      esac
    }

    step() { # into a folder that is no symlink, and lies in the one where we are
      cd -P -- "./$1" 2>/dev/null && facts=$(stat -c %d:%i -- . .. "../$1" 2>/dev/null) || return 1
      set -- $facts
      [ "$2" = "$id" ] && [ "$1" = "$3" ] && id=$1
    }

    enter() { # folder, and "make" where it is to be made; status 2 where it does not exist
      [ "$1" != "$at" ] || return 0
      at= rest=$1 walked= links=0
      cd / && id=$(stat -c %d:%i .) || return 1
      while [ -n "$rest" ]; do
        case $rest in /*) rest=${rest#/}; continue ;; esac
        name=${rest%%/*}
        rest=${rest#"$name"}
        case $name in
        .) continue ;;
        ..) rest=${walked%/*}/$rest walked=; cd / && id=$(stat -c %d:%i .) || return 1; continue ;;
        esac
        if [ -h "./$name" ]; then
          ours && [ "$(stat -c %u -- "./$name")" = 0 ] || { no "is a symlink that others than root can change" "$walked/$name"; return 1; }
          links=$((links + 1))
          [ $links -le 40 ] || { no "leads through too many symlinks" "$1"; return 1; }
          target=$(readlink -- "./$name") || return 1
          case $target in /*) ;; *) target=$walked/$target ;; esac
          rest=$target/$rest walked=
          cd / && id=$(stat -c %d:%i .) || return 1
          continue
        fi
        if [ ! -e "./$name" ]; then
          [ "${2:-}" = make ] || return 2
          mkdir -- "./$name" || return 1
        fi
        step "$name" || { no "is no folder, or was changed meanwhile" "$walked/$name"; return 1; }
        walked=$walked/$name
      done
      at=$1
    }

    look() { # refuses before anything is changed
      enter "$1" || [ $? = 2 ] || { echo "fix this, then run restore.sh again; nothing was changed" >&2; exit 14; }
    }

    make() { # source, name, owner, mode: beside its target, and renamed
      if ours; then way=; else
        own=$(mktemp -d ./.qtctl-restore.XXXXXX) && folder=$id && step "${own#./}" || return 1
        [ "$(stat -c '%u %a' .)" = '0 700' ] || return 1
        way=../
      fi
      staged="./.$2.qtctl-staged"
      rm -f -- "$staged" && cp -a -- "$here/$1" "$staged" || return 1
      # To set the owner anew would take a program's capabilities away.
      [ "$(stat -c %u:%g -- "$staged")" = "$3" ] || chown -h -- "$3" "$staged" || return 1
      [ -h "$staged" ] || { chmod -- "$4" "$staged" && sync -- "$staged"; } || return 1
      if [ -d "./$way$2" ] && [ ! -h "./$way$2" ] && ! rmdir -- "./$way$2" 2>/dev/null; then
        mv -T -- "./$way$2" "./$way$2.since" || return 1
        echo "set aside: $2.since, where a file was"
      fi
      mv -fT -- "$staged" "./$way$2" || return 1
      [ -n "$way" ] || return 0
      cd -P .. && [ "$(stat -c %d:%i .)" = "$folder" ] || return 1
      id=$folder
      rmdir -- "$own" || true
    }

    put() { # source, target, owner, mode
      enter "${2%/*}/" make && make "$1" "${2##*/}" "$3" "$4" || { failed=1; no "was not restored" "$2" || true; }
    }

    same() { # source, target, owner, mode: whether it is as it was; where others can swap files, it is not looked at
      name=./${2##*/}
      enter "${2%/*}/" 2>/dev/null && ours && [ -f "$name" ] && [ ! -h "$name" ] &&
        [ "$(stat -c '%u:%g %a' -- "$name")" = "$3 ${4#0}" ] && cmp -s -- "$here/$1" "$name"
    }

    folder() { # path, owner, mode
      enter "${1%/*}/" make && into "${1##*/}" "$2" "$3" || { failed=1; no "was not restored" "$1" || true; }
    }

    into() { # name, owner, mode: a folder where we are
      if [ -h "./$1" ] || [ -f "./$1" ]; then rm -f -- "./$1" || return 1; fi
      [ -d "./$1" ] || mkdir -- "./$1" || return 1
      above=$id
      step "$1" || return 1
      [ "$(stat -c '%u:%g %a' .)" = "$2 ${3#0}" ] || { chown -- "$2" . && chmod -- "$3" .; } || return 1
      cd -P .. && [ "$(stat -c %d:%i .)" = "$above" ] && id=$above
    }

    gone() { # a file or a folder that was not there; a folder stays where something is in it
      enter "${1%/*}/" || {
        [ $? = 2 ] || { failed=1; no "was not removed" "$1" || true; }
        return 0
      }
      if [ -d "./${1##*/}" ] && [ ! -h "./${1##*/}" ]; then
        rmdir -- "./${1##*/}" 2>/dev/null || true
      else
        rm -f -- "./${1##*/}" || { failed=1; no "was not removed" "$1" || true; }
      fi
    }

    drop() { # a folder that was not there, where it is empty
      if enter "${1%/*}/" && [ ! -h "./${1##*/}" ]; then rmdir -- "./${1##*/}" 2>/dev/null || true; fi
    }
    """#
}
