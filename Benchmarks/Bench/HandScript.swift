/// The same deploy as an operator would write it, with backup and checks; the peers use its backup and its checks.
enum HandScript {
  /// - Parameters:
  ///   - programs: The folder of the services' programs, with its `/`.
  ///   - second: The folder of each service's second file, with its `/`.
  ///   - suffix: What its name is, behind the service's.
  ///   - reloads: Whether systemd has to be told of it.
  static func text(programs: String, second: String, suffix: String, reloads: Bool) -> String {
    #"""
    #!/bin/bash
    # hand deploy|back|backup|check RELEASE UNIT:PORT...
    set -eu
    cd /
    action=$1 release=$2; shift 2
    units=() ports=() files=()
    for word; do
      units+=("${word%:*}") ports+=("${word#*:}")
      files+=("\#(programs)${word%:*}" "\#(second)${word%:*}\#(suffix)")
    done
    store=/var/backups/hand/${units[0]}

    backup() {
      local folder present=() file
      folder=$store/$(date -u +%Y%m%d_%H%M%S_%N)
      mkdir -p "$folder"
      for file in "${files[@]}"; do [ ! -e "$file" ] || present+=("$file"); done
      [ "${#present[@]}" -eq 0 ] || cp -a --parents "${present[@]}" "$folder"
      find "$store" -mindepth 1 -maxdepth 1 | sort | head -n -3 | xargs -r rm -r
    }

    # A program is put beside its place and renamed, as a running one cannot be written.
    put() {
      local file
      systemctl stop "${units[@]}" 2>/dev/null || true
      for file in "${files[@]}"; do mv "$file.new" "$file"; done
      \#(reloads ? "systemctl daemon-reload" : ":")
      systemctl start "${units[@]}"
    }

    answers() {
      local i line
      for i in "${!units[@]}"; do
        [ "$(systemctl is-active "${units[i]}")" = active ]
        [ "/proc/$(systemctl show --value -p MainPID "${units[i]}")/exe" -ef "\#(programs)${units[i]}" ]
        exec 3<>"/dev/tcp/127.0.0.1/${ports[i]}"
        printf 'GET / HTTP/1.0\r\n\r\n' >&3
        read -r line <&3
        [[ $line == *' 200 '* ]]
        exec 3>&-
      done
    }

    check() {
      sha256sum --quiet --check "$release/SHA256SUMS"
      answers
    }

    case $action in
      backup) backup ;;
      check) check ;;
      deploy)
        backup
        for unit in "${units[@]}"; do
          install -m 0755 "$release/$unit" "\#(programs)$unit.new"
          install -m 0644 "$release/$unit\#(suffix)" "\#(second)$unit\#(suffix).new"
        done
        put
        check
        ;;
      back)
        last=$(find "$store" -mindepth 1 -maxdepth 1 | sort | tail -n 1)
        for file in "${files[@]}"; do cp -a "$last$file" "$file.new"; done
        put
        answers
        ;;
    esac

    """#
  }
}
