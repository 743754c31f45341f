import Rehearsal
import TestSupport

/// What the three shells make of the completions that the package installs: each one runs on a terminal, is typed to, and
/// asked with the tab key.
enum ShellCompletions {
  private static let shells: [(name: String, start: String, setUp: String)] = [
    ("bash", "bash --norc", "PS1='$ '; . /usr/share/bash-completion/completions/qtctl"),
    ("zsh", "zsh -f", "PS1='$ '; autoload -U compinit; compinit -u -D"),
    // It finds them by itself.
    ("fish", "fish --private", "function fish_prompt; echo '$ '; end"),
  ]

  /// - Returns: what was not completed, and the screen then; empty where all was.
  static func faults(_ site: Site, stamp: String, unit: String, name: String) async throws -> String {
    var faults = ""
    for shell in shells {
      try await site.machine.write(shell.setUp, to: "/root/setup")
      faults += try await site.sh(
        #"""
        export TERM=xterm LANG=C.UTF-8
        on() { tmux -L completions -f /dev/null "$@"; }
        try() { # TYPED WANTED
          on send-keys C-c
          on send-keys C-l
          on send-keys "$1" Tab
          sleep 0.3
          on send-keys Tab
          for i in $(seq 50); do
            # Spaces at the end of a line are not shown.
            on capture-pane -p | grep -qF -- "$2" && return
            sleep 0.1
          done
          echo "\#(shell.name): '$1' is not completed to '$2', but to:"
          on capture-pane -p
        }
        on new-session -d -x 120 -y 40 '\#(shell.start)'
        sleep 1
        on send-keys -l "$(cat /root/setup)"
        on send-keys Enter
        sleep 1
        try 'qtctl rollb' 'qtctl rollback'
        try 'qtctl rollback ' ' old, hello, verified'
        try 'qtctl backups show \#(stamp.dropLast())' 'qtctl backups show \#(stamp)'
        try 'qtctl logs \#(unit.prefix(3))' 'qtctl logs \#(unit)'
        try 'qtctl verify --name \#(name.prefix(2))' 'qtctl verify --name \#(name)'
        on kill-server
        """#)
    }
    return faults
  }
}
