import Rehearsal
import TestSupport

/// The captures of one width, one after the other: each continues where the one before left the machine.
struct Film {
  let site: Site
  let columns: Int
  let folder: String

  func play() async throws {
    // A host that nothing was deployed on.
    try await site.sh(
      """
      systemctl disable -q --now shop.service 2>/dev/null || true
      rm -rf /var/lib/qtctl /var/backups/qtctl /etc/shop.env /usr/local/bin/shop /etc/systemd/system/shop.service
      systemctl daemon-reload
      """)
    try await Shop.write("1.0", "PORT=80", to: site)
    try await take("deploy", "qtctl deploy")
    try await Shop.write("1.1", "PORT=8o", to: site)
    try await take("deploy-failed", "qtctl deploy --reason 'another port'")
    try await Shop.write("1.2", "PORT=81", to: site)
    try await take("deploy-interrupted", "qtctl deploy", interruptedAfter: 2.5)
    try await take("deploy-again", "qtctl deploy --again")
    try await take("status", "qtctl status")
    try await take("status-watch", "qtctl status --watch", quitAfter: 2)
    try await take("history", "qtctl history")
    try await take("history-stamp", "qtctl history " + (try await second()))
    try await take("backups-list", "qtctl backups list")
    try await take("verify", "qtctl verify")
    try await site.sh("systemctl kill -s KILL shop.service; sleep 0.3")
    try await take("status-wrong", "qtctl status")
    try await site.sh("systemctl reset-failed shop.service; systemctl start shop.service")
    try await take("usage", "qtctl report")
  }

  /// The stamp of the second transaction.
  private func second() async throws -> String {
    try await site.sh("ls /var/backups/qtctl | sed -n 2p").filter { !$0.isNewline }
  }

  /// Runs a command in a terminal of that width, and keeps what the terminal shows in the end.
  private func take(
    _ name: String, _ command: String, interruptedAfter: Double? = nil, quitAfter: Double? = nil
  ) async throws {
    // tmux is the terminal; it tells when the command has ended.
    let script = """
      trap : INT; cd \(Shop.folder); printf '%s\\n' "# $1"; sh -c "exec $1"; printf 'exit %s\\n' $?; tmux wait-for -S done; exec sleep 60
      """
    try await site.machine.write(script, to: "/root/take", mode: 0o700)
    let environment = "env -u TMUX LANG=C.UTF-8 TERM=xterm-256color"
    let start = "\(environment) tmux -u new-session -d -s take -x \(columns) -y 70 sh /root/take \"$0\""
    let during: String =
      if let interruptedAfter {
        "sleep \(interruptedAfter); tmux send-keys -t take C-c; timeout 60 tmux wait-for done"
      } else if let quitAfter {
        "sleep \(quitAfter)"
      } else {
        "timeout 60 tmux wait-for done"
      }
    let output = try await site.machine.run(
      [
        "sh", "-c",
        start + "; " + during + "; tmux capture-pane -p -e -t take -S -; "
          + "tmux kill-session -t take", command,
      ], within: .seconds(90))
    guard output.succeeded else { throw SiteError(description: "\(name): \(output.stdout)\(output.stderr)") }
    let picture = Picture(output.stdout, columns: columns)
    try picture.text.write(toFile: "\(folder)/\(name)-\(columns).txt")
    try picture.svg.write(toFile: "\(folder)/\(name)-\(columns).svg")
    print("\(name) at \(columns): \(picture.lines.count) lines")
  }
}
