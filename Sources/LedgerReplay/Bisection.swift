/// Finds the first place at which two things part, by halving. Source: binary search; a parting never heals.
public struct Bisection: Sendable, Equatable {
    /// The first number at which they differ.
    public let first: UInt64
    /// How often they were compared.
    public let probes: Int

    /// Searches between a number at which the two are known to agree and one at which they are known to differ.
    ///
    /// Cost: ⌈log₂(to − from)⌉ comparisons. A caller that knows some answers beforehand (as from past
    /// checkpoints) narrows the bounds first.
    /// - Parameter agree: Whether they agree at a number between the two.
    public static func search<Failure: Error>(
        from agreeing: UInt64, to differing: UInt64, agree: (UInt64) throws(Failure) -> Bool
    ) throws(Failure) -> Bisection {
        precondition(agreeing < differing, "nothing lies between \(agreeing) and \(differing)")
        var (low, high, probes) = (agreeing, differing, 0)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            probes += 1
            if try agree(middle) { low = middle } else { high = middle }
        }
        return Bisection(first: high, probes: probes)
    }
}
