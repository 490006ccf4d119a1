/// A line on stderr that says how far a long verb is, how fast, and how long it will take.
///
/// Drawn only on a terminal and not with `--quiet`, at most ten times a second; else it costs one comparison
/// a call. The clock is only for show: nothing that is decided depends on it.
struct Progress: ~Copyable {
    private let output: Output
    private let isDrawn: Bool
    private let elapsed: () -> Duration
    private var meter: ProgressMeter
    private var nextDraw: Duration = .zero
    private var hasDrawn = false

    /// Begins at nothing done.
    ///
    /// - Parameters:
    ///   - label: what is going on: "rebuild".
    ///   - unit: what is counted: "events".
    ///   - total: how many there will be, where that is known.
    init(_ label: String, unit: String, total: Int?, output: Output) {
        let begin = ContinuousClock.now
        self.init(
            ProgressMeter(label: label, unit: unit, total: total), output: output,
            isDrawn: output.isErrorTerminal && !output.isQuiet, elapsed: { ContinuousClock.now - begin })
    }

    /// With the choice and the clock given, for tests.
    init(
        _ meter: ProgressMeter, output: Output, isDrawn: Bool, elapsed: @escaping () -> Duration
    ) {
        self.meter = meter
        self.output = output
        self.isDrawn = isDrawn
        self.elapsed = elapsed
    }

    /// Says that `done` units are done in all.
    mutating func update(_ done: Int) {
        guard isDrawn else { return }
        let now = elapsed()
        guard now >= nextDraw else { return }
        nextDraw = now + .milliseconds(100)
        draw(done, now)
    }

    /// Takes the line off the screen, so that messages begin on a clean one. Draws again at the next
    /// `update`.
    mutating func finish() {
        guard isDrawn, hasDrawn else { return }
        hasDrawn = false
        output.error("\r\u{1B}[K")
    }

    private mutating func draw(_ done: Int, _ now: Duration) {
        hasDrawn = true
        meter.record(done, at: now)
        let line = DisplayText.truncated(meter.line, to: max(10, output.errorColumns - 1))
        output.error("\r\(line)\u{1B}[K")
    }
}

/// The figures of a progress line: the rate over the last seconds, and what follows from it.
struct ProgressMeter {
    /// What is going on.
    let label: String
    /// What is counted.
    let unit: String
    /// How many there will be, where that is known.
    let total: Int?

    private var samples: [(done: Int, at: Duration)] = [(0, .zero)]
    /// About five seconds at ten samples a second: steady to read, yet it follows a change.
    private static let window = 50

    /// Figures at nothing done.
    init(label: String, unit: String, total: Int?) {
        self.label = label
        self.unit = unit
        self.total = total
    }

    /// Notes that `done` units were done in all at a time since the begin. Both must not go back.
    mutating func record(_ done: Int, at time: Duration) {
        samples.append((done, time))
        if samples.count > Self.window { samples.removeFirst(samples.count - Self.window) }
    }

    /// Units a second over the window; 0 before there is any.
    var rate: Double {
        guard let first = samples.first, let last = samples.last else { return 0 }
        let seconds = (last.at - first.at) / .seconds(1)
        return seconds > 0 ? Double(last.done - first.done) / seconds : 0
    }

    /// The line to show: `rebuild  42% 1,234,567 of 2,900,000 events, 400,000/s, 4 s left`.
    var line: String {
        let done = samples.last?.done ?? 0
        var text = "\(label)  "
        if let total, total > 0 {
            text += "\(min(100, Int(Double(done) / Double(total) * 100)))% "
            text += "\(NumberText.grouped(done)) of \(NumberText.grouped(total)) \(unit)"
        } else {
            text += "\(NumberText.grouped(done)) \(unit)"
        }
        let rate = rate
        guard rate > 0 else { return text }
        text += ", \(NumberText.grouped(Int(rate)))/s"
        if let total, total > done {
            text += ", \(NumberText.duration(seconds: Int(Double(total - done) / rate) + 1)) left"
        }
        return text
    }
}

/// Numbers for people. Machine-readable output never uses these.
enum NumberText {
    /// Digits in groups of three: `1,234,567`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `59 s`, `4 min 05 s`, `3 h 20 min`.
    static func duration(seconds: Int) -> String {
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(two(seconds % 60)) s"
        default: return "\(seconds / 3_600) h \(two(seconds % 3_600 / 60)) min"
        }
    }
}
