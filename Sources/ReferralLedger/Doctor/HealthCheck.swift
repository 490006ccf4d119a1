/// One thing that was looked at, and how it stands.
public struct HealthCheck: Sendable, Equatable {
    /// How it stands.
    public enum State: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// Works, and may not for long, or not as well as it could.
        case warn
        /// Does not work, or is not safe.
        case fail
    }
    /// What was looked at: a stable word.
    public let name: String
    /// How it stands.
    public let state: State
    /// What was found: a sentence without a full stop.
    public let text: String
    /// What to do; nil where there is nothing to do.
    public let advice: String?
    /// Whether it says that the log is damaged.
    public let isBrokenLog: Bool

    /// Whether it says that a process writes the ledger.
    public let isBusy: Bool

    /// Memberwise.
    public init(
        _ name: String, _ state: State, _ text: String, advice: String? = nil, isBrokenLog: Bool = false,
        isBusy: Bool = false
    ) {
        self.isBusy = isBusy
        self.name = name
        self.state = state
        self.text = text
        self.advice = advice
        self.isBrokenLog = isBrokenLog
    }
}

/// Bytes for people: `1.2 GiB`, rounded down.
func byteText(_ bytes: UInt64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var (unit, whole, rest) = (0, bytes, UInt64(0))
    while whole >= 1_024 {
        rest = whole % 1_024 * 10 / 1_024
        whole /= 1_024
        unit += 1
    }
    return whole < 10 && unit > 0 ? "\(whole).\(rest) \(units[unit])" : "\(whole) \(units[unit])"
}
