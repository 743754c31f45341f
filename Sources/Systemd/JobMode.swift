/// How a new job is reconciled with those that are queued (systemctl(1), `--job-mode=`).
public enum JobMode: String, Sendable, Hashable {
  /// Conflicting queued jobs are replaced.
  case replace
  /// The job is refused when it conflicts with a queued one.
  case fail
  /// As `replace`, and the job cannot be replaced in turn.
  case replaceIrreversibly = "replace-irreversibly"
  /// Requirement dependencies are left alone; ordering is kept.
  case ignoreRequirements = "ignore-requirements"
  /// All dependencies are left alone.
  case ignoreDependencies = "ignore-dependencies"
}
