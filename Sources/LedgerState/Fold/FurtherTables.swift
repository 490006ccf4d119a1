import LedgerDomain
import LedgerLog

/// The tables that few commands touch, behind one reference.
///
/// The compiler follows every stored part of a noncopyable value through every function that has it: with all
/// tables in `CoreState` itself a build takes minutes. So only those of the hot paths are.
///
/// **Exclusivity is not checked at run time**: all of it is touched under the state's lock only, by functions that are lent
/// single tables and never call back into the state.
final class FurtherTables {
    @safe @exclusivity(unchecked) var accounts: RowTable<AccountRow>
    @safe @exclusivity(unchecked) var memberships: RowTable<MembershipRow>
    /// Referral codes.
    @safe @exclusivity(unchecked) var codes: RowTable<CodeRow>
    @safe @exclusivity(unchecked) var codePositions: PositionTable
    @safe @exclusivity(unchecked) var paymentExtras: RowTable<PaymentExtraRow>
    /// Refunds that took effect.
    @safe @exclusivity(unchecked) var refunds: RowTable<RefundRow>
    @safe @exclusivity(unchecked) var refundPositions: WordTable
    /// Recorded, and waiting.
    @safe @exclusivity(unchecked) var parked: RowTable<ParkedRow>
    @safe @exclusivity(unchecked) var parkedPositions: WordTable
    @safe @exclusivity(unchecked) var waits: RowTable<WaitRow>
    @safe @exclusivity(unchecked) var keyPositions: PositionTable
    @safe @exclusivity(unchecked) var programmePositions: WordTable
    @safe @exclusivity(unchecked) var policies: RowTable<PolicyRow>
    @safe @exclusivity(unchecked) var policyPositions: WordTable
    @safe @exclusivity(unchecked) var symbols: RowTable<SymbolRow>
    @safe @exclusivity(unchecked) var symbolPositions: WordTable
    @safe @exclusivity(unchecked) var imports: RowTable<ImportRow>
    @safe @exclusivity(unchecked) var importPositions: WordTable
    @safe @exclusivity(unchecked) var globals: RowTable<GlobalsRow>
    @safe @exclusivity(unchecked) var facts: RowTable<FactRow>
    @safe @exclusivity(unchecked) var profiles: RowTable<ProfileRow>
    @safe @exclusivity(unchecked) var lots: RowTable<LotRow>
    @safe @exclusivity(unchecked) var rewards: RowTable<RewardRow>
    @safe @exclusivity(unchecked) var legs: RowTable<RewardRow>
    @safe @exclusivity(unchecked) var cases: RowTable<CaseRow>
    @safe @exclusivity(unchecked) var holds: RowTable<HoldRow>
    @safe @exclusivity(unchecked) var withdrawals: RowTable<WithdrawalRow>
    @safe @exclusivity(unchecked) var usages: RowTable<UsageRow>
    @safe @exclusivity(unchecked) var budgets: RowTable<BudgetRow>
    @safe @exclusivity(unchecked) var rates: RowTable<RateRow>
    @safe @exclusivity(unchecked) var clearings: RowTable<ClearingRow>
    @safe @exclusivity(unchecked) var quarantines: RowTable<QuarantineRow>
    /// Where the facts stand that were put in quarantine.
    @safe @exclusivity(unchecked) var quarantinePositions: WordTable
    @safe @exclusivity(unchecked) var rewardPositions: WordTable
    @safe @exclusivity(unchecked) var casePositions: WordTable
    @safe @exclusivity(unchecked) var withdrawalPositions: WordTable
    @safe @exclusivity(unchecked) var ratePositions: WordTable
    @safe @exclusivity(unchecked) var creditPositions: WordTable
    @safe @exclusivity(unchecked) var reviewCases: WordTable
    /// Runs over statements, and their breaks.
    @safe @exclusivity(unchecked) var breaks: RowTable<BreakRow>
    @safe @exclusivity(unchecked) var codeIds: IdTable
    @safe @exclusivity(unchecked) var refundIds: IdTable
    @safe @exclusivity(unchecked) var keyIds: IdTable
    @safe @exclusivity(unchecked) var waitIds: IdTable
    @safe @exclusivity(unchecked) var importIds: IdTable
    @safe @exclusivity(unchecked) var caseIds: IdTable
    @safe @exclusivity(unchecked) var withdrawalIds: IdTable
    @safe @exclusivity(unchecked) var breakIds: IdTable

    init(_ home: TableHome) {
        accounts = RowTable(4, "accounts", home)
        memberships = RowTable(5, "memberships", digested: false, home)
        codes = RowTable(6, "codes", home)
        codePositions = PositionTable(7, upper: 83, "codePositions", home)
        paymentExtras = RowTable(10, "paymentExtras", home)
        refunds = RowTable(11, "refunds", home)
        refundPositions = WordTable(12, "refundPositions", home)
        parked = RowTable(13, "parked", home)
        parkedPositions = WordTable(14, "parkedPositions", home)
        waits = RowTable(15, "waits", home)
        keyPositions = PositionTable(16, upper: 84, "keyPositions", home)
        programmePositions = WordTable(18, "programmePositions", home)
        policies = RowTable(19, "policies", home)
        policyPositions = WordTable(20, "policyPositions", home)
        symbols = RowTable(22, "symbols", home)
        symbolPositions = WordTable(23, "symbolPositions", home)
        imports = RowTable(26, "imports", digested: false, home)
        importPositions = WordTable(27, "importPositions", home)
        globals = RowTable(28, "globals", digested: false, home)
        facts = RowTable(29, "facts", digested: false, home)
        profiles = RowTable(30, "profiles", home)
        lots = RowTable(31, "lots", home)
        rewards = RowTable(32, "rewards", home)
        legs = RowTable(34, "legs", home)
        cases = RowTable(35, "cases", home)
        holds = RowTable(37, "holds", home)
        withdrawals = RowTable(38, "withdrawals", home)
        usages = RowTable(50, "usages", home)
        budgets = RowTable(51, "budgets", home)
        rates = RowTable(52, "rates", home)
        clearings = RowTable(55, "clearings", home)
        quarantines = RowTable(57, "quarantines", home)
        quarantinePositions = WordTable(58, "quarantinePositions", home)
        rewardPositions = WordTable(33, "rewardPositions", home)
        casePositions = WordTable(36, "casePositions", home)
        withdrawalPositions = WordTable(39, "withdrawalPositions", home)
        ratePositions = WordTable(53, "ratePositions", home)
        creditPositions = WordTable(54, "creditPositions", home)
        reviewCases = WordTable(56, "reviewCases", home)
        breaks = RowTable(49, "breaks", digested: false, home)
        codeIds = IdTable(41, "codeIds", home)
        refundIds = IdTable(43, "refundIds", home)
        keyIds = IdTable(44, "keyIds", home)
        waitIds = IdTable(45, "waitIds", home)
        importIds = IdTable(46, "importIds", home)
        caseIds = IdTable(47, "caseIds", home)
        withdrawalIds = IdTable(48, "withdrawalIds", home)
        breakIds = IdTable(80, "breakIds", home)
    }
}

/// Reading them; changes go through `further`.
extension CoreState {
    public var accounts: RowTable<AccountRow> { _read { yield further.accounts } }
    public var memberships: RowTable<MembershipRow> { _read { yield further.memberships } }
    /// Referral codes.
    public var codes: RowTable<CodeRow> { _read { yield further.codes } }
    public var codePositions: PositionTable { _read { yield further.codePositions } }
    public var paymentExtras: RowTable<PaymentExtraRow> { _read { yield further.paymentExtras } }
    /// Refunds that took effect.
    public var refunds: RowTable<RefundRow> { _read { yield further.refunds } }
    public var refundPositions: WordTable { _read { yield further.refundPositions } }
    /// Recorded, and waiting.
    public var parked: RowTable<ParkedRow> { _read { yield further.parked } }
    public var parkedPositions: WordTable { _read { yield further.parkedPositions } }
    public var waits: RowTable<WaitRow> { _read { yield further.waits } }
    public var keyPositions: PositionTable { _read { yield further.keyPositions } }
    public var programmePositions: WordTable { _read { yield further.programmePositions } }
    public var policies: RowTable<PolicyRow> { _read { yield further.policies } }
    public var policyPositions: WordTable { _read { yield further.policyPositions } }
    public var symbols: RowTable<SymbolRow> { _read { yield further.symbols } }
    public var symbolPositions: WordTable { _read { yield further.symbolPositions } }
    public var imports: RowTable<ImportRow> { _read { yield further.imports } }
    public var importPositions: WordTable { _read { yield further.importPositions } }
    var globals: RowTable<GlobalsRow> { _read { yield further.globals } }
    var facts: RowTable<FactRow> { _read { yield further.facts } }
    public var profiles: RowTable<ProfileRow> { _read { yield further.profiles } }
    public var lots: RowTable<LotRow> { _read { yield further.lots } }
    public var rewards: RowTable<RewardRow> { _read { yield further.rewards } }
    public var legs: RowTable<RewardRow> { _read { yield further.legs } }
    public var cases: RowTable<CaseRow> { _read { yield further.cases } }
    public var holds: RowTable<HoldRow> { _read { yield further.holds } }
    public var withdrawals: RowTable<WithdrawalRow> { _read { yield further.withdrawals } }
    public var usages: RowTable<UsageRow> { _read { yield further.usages } }
    public var budgets: RowTable<BudgetRow> { _read { yield further.budgets } }
    public var rates: RowTable<RateRow> { _read { yield further.rates } }
    public var clearings: RowTable<ClearingRow> { _read { yield further.clearings } }
    public var quarantines: RowTable<QuarantineRow> { _read { yield further.quarantines } }
    public var quarantinePositions: WordTable { _read { yield further.quarantinePositions } }
    public var rewardPositions: WordTable { _read { yield further.rewardPositions } }
    public var casePositions: WordTable { _read { yield further.casePositions } }
    public var withdrawalPositions: WordTable { _read { yield further.withdrawalPositions } }
    public var ratePositions: WordTable { _read { yield further.ratePositions } }
    public var creditPositions: WordTable { _read { yield further.creditPositions } }
    public var reviewCases: WordTable { _read { yield further.reviewCases } }
    public var breaks: RowTable<BreakRow> { _read { yield further.breaks } }
    var codeIds: IdTable { _read { yield further.codeIds } }
    var refundIds: IdTable { _read { yield further.refundIds } }
    var keyIds: IdTable { _read { yield further.keyIds } }
    var waitIds: IdTable { _read { yield further.waitIds } }
    var importIds: IdTable { _read { yield further.importIds } }
    var caseIds: IdTable { _read { yield further.caseIds } }
    var withdrawalIds: IdTable { _read { yield further.withdrawalIds } }
}
