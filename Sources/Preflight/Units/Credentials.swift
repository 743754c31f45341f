package import Deployment
package import FileOperations
internal import Glibc

/// Who a unit's process is, for files that are not there yet and so cannot be tried.
package struct Credentials {
  /// `nil`: a user that exists only while the unit runs.
  package var user: UInt32?
  package var groups: Set<UInt32>

  package init(user: UInt32?, groups: Set<UInt32>) {
    self.user = user
    self.groups = groups
  }

  /// Whether it may read (4) or execute (1) a file of this mode and owner. An ACL is given the benefit of the doubt.
  package func may(_ bit: UInt32, _ state: FileState) -> Bool {
    let mode = state.mode ?? 0
    if user == 0 { return bit == 4 || mode & 0o111 != 0 }
    if state.xattrs?["system.posix_acl_access"] != nil { return true }
    if let user, user == state.owner { return mode >> 6 & bit != 0 }
    if let group = state.group, groups.contains(group) { return mode >> 3 & bit != 0 }
    return mode & bit != 0
  }
}

extension Credentials {
  package init(user: String?, group: String?, supplementary: [String], isDynamic: Bool) throws(UnknownAccount) {
    var groups: Set<UInt32> = []
    for name in supplementary { groups.insert(try Accounts.group(name)) }
    // A dynamic user's group is as dynamic.
    if let group, !isDynamic { groups.insert(try Accounts.group(group)) }
    if let group, isDynamic, let number = try? Accounts.group(group) { groups.insert(number) }
    guard let name = user ?? (isDynamic ? nil : "root") else {
      self.init(user: nil, groups: groups)
      return
    }
    guard let entry = UInt32(name).map({ getpwuid($0) }) ?? getpwnam(name) else {
      self.init(user: UInt32(name), groups: groups)
      return
    }
    let number = entry.pointee.pw_uid
    let primary = entry.pointee.pw_gid
    var list = [gid_t](repeating: 0, count: 4096)
    var count = Int32(list.count)
    if getgrouplist(String(cString: entry.pointee.pw_name), primary, &list, &count) >= 0 {
      groups.formUnion(list[..<Int(count)])
    }
    if group == nil { groups.insert(primary) }
    self.init(user: number, groups: groups)
  }
}
