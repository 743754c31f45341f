/// Every row, in the order in which they are measured and shown.
enum Rows {
  static let all: [any Row] = [
    DeployRow(), RollbackRow(kind: .large), RollbackRow(kind: .deaf), BackupRow(isSmall: false),
    BackupRow(isSmall: true),
    UnchangedRow(), VerifyRow(), StartRow(), ListRow(), PlanRow(),
  ]

  static func named(_ id: String) -> (any Row)? { all.first { $0.id == id } }
}
