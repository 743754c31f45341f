import FoundationEssentials
import Glibc
import Logging
import Systemd
import Testing

extension OnRealSystemd {
  /// What a program sees and says from inside a unit: this very test program is the unit's, in a `ServiceRole`.
  struct WatchedServices {
    @Test func `a notifying service is up when it says so, and its status is shown`() throws {
      try withService(.notify, "Type=notify\nWatchdogSec=30\n") { unit throws in
        #expect(try unit.perform(.start) == .done)
        let status = try unit.status
        // The role puts what it sees of the watchdog and of its stderr into its status.
        #expect(status.statusText == "ready watchdog=30.0 seconds journal=true READY=0")
        #expect(status.watchdog == .seconds(30))
        #expect(status.watchdogLast != nil)
        let line = try JournalReader().first(
          JournalQuery(units: [unit.name], fields: ["TRACE_ID": [unit.name]]), until: .now + .seconds(10))
        #expect(line?.message == "from the role")
        #expect(line?.invocationID == status.invocationID)
        #expect(line?.pid == status.mainPID)
      }
    }

    @Test func `a service whose stderr goes elsewhere is not connected to the journal`() throws {
      try withService(.notify, "Type=notify\nStandardError=null\n") { unit throws in
        #expect(try unit.perform(.start) == .done)
        #expect(try unit.status.statusText == "ready watchdog=none journal=false READY=0")
      }
    }

    @Test func `a service that stops feeding its watchdog is killed for it`() throws {
      try withService(.notify, "Type=notify\nWatchdogSec=1\nWatchdogSignal=SIGKILL\n") { unit throws in
        #expect(try unit.perform(.start) == .done)
        #expect(try unit.wait { $0.activeState == .failed }?.result == "watchdog")
      }
    }

    @Test func `without privileges one can look, but neither change a unit nor read the journal`() throws {
      try withService(.unprivileged, "Type=oneshot\nUser=nobody\n") { unit throws in
        #expect(try unit.perform(.start) == .done)
      }
    }

    @Test func `where the system bus does not answer, root still reaches systemd`() throws {
      let elsewhere = "Environment=DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent\n"
      try withService(.withoutBus, "Type=oneshot\n" + elsewhere) { unit throws in
        #expect(try unit.perform(.start) == .done)
      }
    }

    /// A unit that runs this test program in a role.
    private func withService(
      _ role: ServiceRole, _ more: String, _ body: (TestUnit) throws -> Void
    ) throws {
      let program = "/run/qtctl-test-program"
      let sections = """
        [Service]
        BindReadOnlyPaths=\(TestProgram.path):\(program)
        Environment=\(ServiceRole.variable)=\(role.rawValue)
        ExecStart=\(program) --testing-library swift-testing --filter SystemdTests.ServiceRoles
        \(more)
        """
      try TestUnit.with(sections, body)
    }
  }
}
