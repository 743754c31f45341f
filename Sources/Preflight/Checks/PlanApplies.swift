internal import Deployment

/// The plan itself finds nothing that keeps it from being applied. What an operator should know of it is told.
package struct PlanApplies: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] { situation.plan.refusals }

  package func remarks(_ situation: PreflightSituation) -> [String] { situation.plan.warnings }
}
