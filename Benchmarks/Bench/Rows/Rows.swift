/// Every row, in the order in which they are measured and shown.
enum Rows {
  static let all: [any Row] = [
    DeployRow(bringsUnits: false), DeployRow(bringsUnits: true), RollbackRow(kind: .large), RollbackRow(kind: .deaf),
    UnchangedRow(), BackupRow(isSmall: false), BackupRow(isSmall: true), BigHostRow(), BigTreeRow(), VerifyRow(),
    ProbeRow(),
    RouterRow(), ExecutionRow(), StartRow(), ListRow(), PlanRow(),
  ]

  static func named(_ id: String) -> (any Row)? { all.first { $0.id == id } }
}
