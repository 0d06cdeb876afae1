/// One gateway's part of a tenant's rate.
///
/// Of what all are asked for together, up to the rate, each has what it is asked for, and of what is left the same; beyond the
/// rate each has a part as large as its part of the demand. A twentieth is always shared alike, so that a gateway of which
/// nobody knows yet that it is asked does not refuse everything. The parts of gateways that know the same add up to the rate.
enum RatePart {
    static let alike = 0.05

    /// - Parameters:
    ///   - rate: the tenant's, in requests a second; more than 0.
    ///   - own: what this gateway is asked for.
    ///   - others: what the others are asked for together.
    ///   - gateways: how many there are, this one included.
    static func rate(_ rate: Double, own: Double, others: Double, gateways: Int) -> Double {
        let count = Double(max(1, gateways))
        let total = own + others
        let byDemand = total < rate ? own + (rate - total) / count : rate * own / total
        // So written, parts that are alike are what they are to the last digit: 3 a second are three requests at once.
        return byDemand + alike * (rate / count - byDemand)
    }
}
