import Rehearsal
import TestSupport

/// What the three shells make of the completions that the package installs: each one runs on a terminal, is typed to, and
/// asked with the tab key.
enum ShellCompletions {
  /// How each is started, with a prompt of its own and without the settings of whoever runs it.
  private static let shells = [
    "bash --rcfile /root/rc/bashrc", "ZDOTDIR=/root/rc zsh -d",
    // It finds completions by itself.
    "fish --private -C \"function fish_prompt; echo 'ready> '; end\"",
  ]

  /// - Parameter stamps: of all backups on the machine, which are of what is called `name`.
  /// - Returns: what was not completed, and the screen then; empty where all was.
  static func faults(_ site: Site, stamps: [String], unit: String, name: String) async throws -> String {
    let stamp = stamps.max() ?? ""
    // As much of it as no other one begins with.
    let begun = (0...stamp.count).map(stamp.prefix).first { begun in stamps.count { $0.hasPrefix(begun) } == 1 } ?? ""
    var faults = ""
    for shell in shells {
      try await site.machine.write(shell, to: "/root/rc/shell")
      faults += try await site.sh(
        #"""
        export TERM=xterm LANG=C.UTF-8
        on() { tmux -L completions -f /dev/null "$@"; }
        shows() { # TENTHS TEXT
          for i in $(seq "$1"); do
            on capture-pane -t try -p | grep -qF -- "$2" && return
            sleep 0.1
          done
          return 1
        }
        try() { # TYPED WANTED
          on new-session -d -s try -x 120 -y 40 "$(cat /root/rc/shell)"
          shows 100 'ready>' || echo 'there is no prompt:'
          on send-keys -t try "$1" Tab
          # What all candidates begin with comes first, and then the list of them.
          shows 6 "$2" || on send-keys -t try Tab
          shows 6 "$2" || on send-keys -t try Tab
          shows 50 "$2" || {
            echo "$(cat /root/rc/shell): '$1' is not completed to '$2', but to:"
            on capture-pane -t try -p | grep -v '^$'
          }
          on kill-session -t try
        }
        echo "PS1='ready> '; . /usr/share/bash-completion/completions/qtctl" >/root/rc/bashrc
        echo "PS1='ready> '; autoload -U compinit; compinit -u -D" >/root/rc/.zshrc
        # The last session takes the server with it, while the next one is already asked for.
        on new-session -d -s keep 'exec sleep 600'
        try 'qtctl rollb' 'qtctl rollback'
        try 'qtctl rollback ' ' old, \#(name), verified'
        try 'qtctl backups show \#(begun)' 'qtctl backups show \#(stamp)'
        try 'qtctl logs \#(unit.prefix(3))' 'qtctl logs \#(unit)'
        try 'qtctl verify --name \#(name.prefix(2))' 'qtctl verify --name \#(name)'
        on kill-server
        while on has-session 2>/dev/null; do sleep 0.1; done
        """#)
    }
    return faults
  }
}
