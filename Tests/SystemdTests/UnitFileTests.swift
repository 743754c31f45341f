import FoundationEssentials
import Systemd
import Testing

extension OnRealSystemd {
  struct UnitFiles {
    @Test func `enabling makes the links of the install section and disabling removes them`() throws {
      try TestUnit.with(Sections.sleeper + "[Install]\nWantedBy=basic.target\n") { unit throws in
        #expect(try unit.manager.unitFileState(of: unit.name) == .disabled)
        let link = "/etc/systemd/system/basic.target.wants/\(unit.name)"
        #expect(
          try unit.manager.enable([unit.name]) == [UnitFileChange(kind: "symlink", path: link, target: unit.path)])
        #expect(try unit.manager.unitFileState(of: unit.name) == .enabled)
        try unit.manager.daemonReload()
        #expect(try unit.status.unitFileState == .enabled)

        #expect(try unit.manager.disable([unit.name]).map(\.path) == [link])
        #expect(try unit.manager.unitFileState(of: unit.name) == .disabled)
      }
    }

    @Test func `a unit without install section is static`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        #expect(try unit.manager.unitFileState(of: unit.name) == .static)
      }
    }

    @Test func `a masked unit does not start until it is unmasked`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        let link = "/etc/systemd/system/\(unit.name)"
        #expect(try unit.manager.mask([unit.name]).map(\.path) == [link])
        #expect(try unit.manager.unitFileState(of: unit.name) == .masked)
        try unit.manager.daemonReload()
        #expect(try unit.status.loadState == .masked)
        #expect(throws: SystemdError.masked(unit: unit.name)) { try unit.perform(.start) }

        #expect(try unit.manager.unmask([unit.name]).map(\.kind) == ["unlink"])
        try unit.manager.daemonReload()
        #expect(try unit.perform(.start) == .done)
      }
    }

    @Test func `enabling what does not exist names it`() throws {
      let name = "qtctl-test-nowhere.service"
      #expect(throws: SystemdError.noSuchUnit(name)) { try ServiceManager().enable([name]) }
    }
  }
}
