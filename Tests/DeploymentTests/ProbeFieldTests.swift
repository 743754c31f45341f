import Deployment
import Testing

@Suite struct ProbeFieldTests {
  @Test(arguments: [
    ("plain", "plain"), ("${trace_id}", "T"),
    ("{\"id\":\"${trace_id}\",\"at\":\"${timestamp}\"}", "{\"id\":\"T\",\"at\":\"${trace_id}\"}"),
    ("a${trace_id}${trace_id}b", "aTTb"), ("costs $5 and ${", "costs $5 and ${"), ("${}", "${}"), ("", ""),
  ])
  func placeholdersAreFilledInOnce(text: String, filled: String) {
    // The moment is no moment here, but what was put in must not be taken for a placeholder.
    #expect(Manifest.ProbeField("f", text).filled(traceID: "T", timestamp: "${trace_id}") == filled)
  }
}
