import Glibc
import Testing

@testable import Systemd

struct NotifierTests {
  @Test(.enabled(if: getenv("NOTIFY_SOCKET") == nil))
  func `without a manager to tell, nothing is told`() {
    let notifier = Notifier()
    #expect(!notifier.ready(status: "up"))
    #expect(!notifier.watchdog())
    #expect(!notifier.stopping())
    #expect(notifier.watchdogInterval == nil)
  }

  @Test(arguments: [("fine", "fine"), ("a\nREADY=1", "a READY=1"), ("a\r\nb\u{2028}c", "a b c")])
  func `a status is one line`(text: String, line: String) {
    #expect(Notifier.statusLines(text) == ["STATUS=" + line])
  }
}
