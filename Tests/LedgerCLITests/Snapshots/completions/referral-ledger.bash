# bash completion for referral-ledger; made by: referral-ledger completions bash
# Source it from ~/.bashrc, or put it under /usr/share/bash-completion/completions.

_referral_ledger_verbs() {
    case $1 in
        'referral-ledger') printf '%s' 'init record import advance policy withdrawals review daemon status user tree balance statement rewards leaderboard rank events trace trial-balance receivables budgets parked breaks explain verify checkpoint prove check-proof replay re-decide correct reconcile rebuild diff swap bisect quarantine release doctor export report backup restore compact simulate scenario completions man' ;;
        'referral-ledger policy') printf '%s' 'check show diff publish' ;;
        'referral-ledger withdrawals') printf '%s' 'list approve reject cancel reduce sent settled failed returned' ;;
        'referral-ledger review') printf '%s' 'list decide' ;;
        'referral-ledger explain') printf '%s' 'balance tier rank reward parked' ;;
        'referral-ledger checkpoint') printf '%s' 'new-key vkey sign cosign show' ;;
        'referral-ledger prove') printf '%s' 'inclusion consistency' ;;
        *) return 1 ;;
    esac
}

_referral_ledger_options() {
    case $1 in
        'referral-ledger') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger init') printf '%s' '--preset --policy --asset --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger record') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger record signup') printf '%s' '--userId --at --country --referrerId --referralCode --email --phone --name --signals.ip --signals.device --signals.paymentMethod --signalHashes.email --signalHashes.phone --signalHashes.ip --signalHashes.device --signalHashes.paymentMethod --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record issueCode') printf '%s' '--userId --at --code --expiresInDays --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record applyCode') printf '%s' '--userId --code --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record advanceReferral') printf '%s' '--userId --to --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record convert') printf '%s' '--userId --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record payment') printf '%s' '--paymentId --provider --userId --amount --currency --at --commissionableBase --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record refund') printf '%s' '--refundId --provider --paymentId --amount --currency --at --refundedTotal --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record advance') printf '%s' '--to --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record publishPolicy') printf '%s' '--preset --effectiveFrom --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record createProgramme') printf '%s' '--programme --asset --at --preset --key --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record refundFailed') printf '%s' '--refundId --provider --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record dispute') printf '%s' '--disputeId --provider --paymentId --status --amount --currency --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record adjust') printf '%s' '--userId --amount --currency --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record writeOff') printf '%s' '--userId --amount --currency --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record openingBalance') printf '%s' '--userId --amount --currency --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record fxRate') printf '%s' '--base --quote --rate --source --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record fxConvert') printf '%s' '--userId --amount --currency --to --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record fund') printf '%s' '--amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record remitTax') printf '%s' '--amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record recordCost') printf '%s' '--kind --amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record setBudget') printf '%s' '--amount --currency --period --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record claim') printf '%s' '--rewardId --userId --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record fulfil') printf '%s' '--rewardId --status --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record withdraw') printf '%s' '--withdrawalId --userId --amount --currency --method --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record decideWithdrawal') printf '%s' '--withdrawalId --decision --amount --currency --reason --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record payout') printf '%s' '--withdrawalId --status --provider --providerRef --kept --currency --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record kyc') printf '%s' '--userId --level --decision --documentHash --expiresInDays --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record suspend') printf '%s' '--userId --reason --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record reinstate') printf '%s' '--userId --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record closeUser') printf '%s' '--userId --reason --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record mergeUsers') printf '%s' '--userId --intoUserId --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record flag') printf '%s' '--userId --rule --severity --evidence --evidenceHash --rewardId --provider --paymentId --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record review') printf '%s' '--reviewId --decision --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record riskScore') printf '%s' '--userId --source --score --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record disableCode') printf '%s' '--userId --code --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record reactivateCode') printf '%s' '--userId --code --expiresInDays --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record quarantine') printf '%s' '--provider --paymentId --rewardId --kind --reference --position --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record release') printf '%s' '--provider --paymentId --rewardId --kind --reference --position --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record correctAttribution') printf '%s' '--userId --referrerId --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record reconciliation') printf '%s' '--runId --provider --statement --lines --matched --breaks --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record openBreak') printf '%s' '--breakId --runId --rule --kind --subject --since --expected --found --currency --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record resolveBreak') printf '%s' '--breakId --runId --reason --at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger record correct') printf '%s' '--at --key --programme --actor --actorRole --correlationId --causation' ;;
        'referral-ledger import') printf '%s' '--format --map --import-id --rejects --ledger --atomic --dry-run --retry-refused --json --quiet --help --version' ;;
        'referral-ledger advance') printf '%s' '--to --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger policy') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger policy check') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger policy show') printf '%s' '--at --programme --effective --preset --ledger --json --quiet --help --version' ;;
        'referral-ledger policy diff') printf '%s' '--programme --ledger --json --quiet --help --version' ;;
        'referral-ledger policy publish') printf '%s' '--programme --effective --key --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals') printf '%s' '--programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals list') printf '%s' '--state --user --limit --after --at --effective --programme --ledger --method --json --quiet --help --version' ;;
        'referral-ledger withdrawals approve') printf '%s' '--actor --reason --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals reject') printf '%s' '--actor --reason --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals cancel') printf '%s' '--actor --reason --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals reduce') printf '%s' '--actor --reason --at --amount --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals sent') printf '%s' '--provider --ref --actor --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals settled') printf '%s' '--provider --ref --actor --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals failed') printf '%s' '--provider --ref --actor --at --kept --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger withdrawals returned') printf '%s' '--provider --ref --actor --at --kept --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger review') printf '%s' '--programme --ledger --json --quiet --help --version' ;;
        'referral-ledger review list') printf '%s' '--kind --user --limit --after --at --effective --programme --ledger --all --json --quiet --help --version' ;;
        'referral-ledger review decide') printf '%s' '--actor --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger daemon') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger status') printf '%s' '--at --effective --ledger --json --quiet --help --version' ;;
        'referral-ledger user') printf '%s' '--at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger tree') printf '%s' '--depth --width --format --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger balance') printf '%s' '--at --effective --programme --asset --ledger --json --quiet --help --version' ;;
        'referral-ledger statement') printf '%s' '--at --effective --programme --asset --ledger --json --quiet --help --version' ;;
        'referral-ledger rewards') printf '%s' '--state --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger leaderboard') printf '%s' '--limit --by --period --asset --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger rank') printf '%s' '--by --period --asset --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger events') printf '%s' '--from --to --type --user --limit --programme --at --effective --ledger --follow --json --quiet --help --version' ;;
        'referral-ledger trace') printf '%s' '--at --effective --programme --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger trial-balance') printf '%s' '--at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger receivables') printf '%s' '--asset --limit --after --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger budgets') printf '%s' '--user --at --effective --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger parked') printf '%s' '--limit --at --effective --ledger --json --quiet --help --version' ;;
        'referral-ledger breaks') printf '%s' '--programme --provider --at --effective --ledger --all --json --quiet --help --version' ;;
        'referral-ledger explain') printf '%s' '--programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger explain balance') printf '%s' '--asset --programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger explain tier') printf '%s' '--programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger explain rank') printf '%s' '--by --asset --programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger explain reward') printf '%s' '--programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger explain parked') printf '%s' '--programme --at --effective --html --proofs --ledger --json --quiet --help --version' ;;
        'referral-ledger verify') printf '%s' '--from --key --ledger --json --quiet --help --version' ;;
        'referral-ledger checkpoint') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger checkpoint new-key') printf '%s' '--out --ledger --witness --json --quiet --help --version' ;;
        'referral-ledger checkpoint vkey') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger checkpoint sign') printf '%s' '--key --origin --ledger --json --quiet --help --version' ;;
        'referral-ledger checkpoint cosign') printf '%s' '--key --log-key --old --proof --time --ledger --json --quiet --help --version' ;;
        'referral-ledger checkpoint show') printf '%s' '--key --ledger --json --quiet --help --version' ;;
        'referral-ledger prove') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger prove inclusion') printf '%s' '--checkpoint --ledger --without-record --json --quiet --help --version' ;;
        'referral-ledger prove consistency') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger check-proof') printf '%s' '--key --old --record --origin --ledger --json --quiet --help --version' ;;
        'referral-ledger replay') printf '%s' '--to --digest-every --ledger --json --quiet --help --version' ;;
        'referral-ledger re-decide') printf '%s' '--policy --from --out --at --limit --keep --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger correct') printf '%s' '--approved-by --expect-head --ledger --json --quiet --help --version' ;;
        'referral-ledger reconcile') printf '%s' '--limit --statement --map --provider --programme --tolerance --timing --grace --match --from --through --as-of --ledger --record --json --quiet --help --version' ;;
        'referral-ledger rebuild') printf '%s' '--jobs --checkpoint-every --ledger --side-by-side --resume --json --quiet --help --version' ;;
        'referral-ledger diff') printf '%s' '--to --limit --ledger --json --quiet --help --version' ;;
        'referral-ledger swap') printf '%s' '--approve --ledger --require-equal --back --json --quiet --help --version' ;;
        'referral-ledger bisect') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger quarantine') printf '%s' '--reason --approved-by --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger release') printf '%s' '--reason --approved-by --at --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger doctor') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger export') printf '%s' '--format --at --effective --programme --out --ledger --json --quiet --help --version' ;;
        'referral-ledger report') printf '%s' '--from --through --checkpoint --ledger --json --quiet --help --version' ;;
        'referral-ledger backup') printf '%s' '--keys --ledger --verify --views --compact --json --quiet --help --version' ;;
        'referral-ledger restore') printf '%s' '--keys --ledger --verify --json --quiet --help --version' ;;
        'referral-ledger compact') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger simulate') printf '%s' '--users --payments --seed --asset --preset --advance --programme --ledger --json --quiet --help --version' ;;
        'referral-ledger scenario') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger completions') printf '%s' '--ledger --json --quiet --help --version' ;;
        'referral-ledger man') printf '%s' '--into --ledger --json --quiet --help --version' ;;
        *) return 1 ;;
    esac
}

_referral_ledger_values() {
    case $1 in
        'referral-ledger init --preset') printf '%s' 'two-level premium-days tiered' ;;
        'referral-ledger init --policy') printf '%s' '<file>' ;;
        'referral-ledger init --asset') printf '%s' '<any>' ;;
        'referral-ledger init --programme') printf '%s' '<any>' ;;
        'referral-ledger import --format') printf '%s' 'jsonl csv' ;;
        'referral-ledger import --map') printf '%s' '<file>' ;;
        'referral-ledger import --import-id') printf '%s' '<any>' ;;
        'referral-ledger import --rejects') printf '%s' '<file>' ;;
        'referral-ledger advance --to') printf '%s' '<any>' ;;
        'referral-ledger advance --programme') printf '%s' '<any>' ;;
        'referral-ledger policy show --at') printf '%s' '<any>' ;;
        'referral-ledger policy show --programme') printf '%s' '<any>' ;;
        'referral-ledger policy show --effective') printf '%s' '<any>' ;;
        'referral-ledger policy show --preset') printf '%s' 'two-level premium-days tiered' ;;
        'referral-ledger policy diff --programme') printf '%s' '<any>' ;;
        'referral-ledger policy publish --programme') printf '%s' '<any>' ;;
        'referral-ledger policy publish --effective') printf '%s' '<any>' ;;
        'referral-ledger policy publish --key') printf '%s' '<any>' ;;
        'referral-ledger withdrawals --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --state') printf '%s' 'requested partlyApproved approved sent settled failed returned rejected cancelled expired' ;;
        'referral-ledger withdrawals list --user') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --limit') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --after') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --effective') printf '%s' '<any>' ;;
        'referral-ledger withdrawals list --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals approve --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals approve --reason') printf '%s' '<any>' ;;
        'referral-ledger withdrawals approve --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals approve --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reject --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reject --reason') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reject --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reject --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals cancel --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals cancel --reason') printf '%s' '<any>' ;;
        'referral-ledger withdrawals cancel --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals cancel --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce --reason') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce --amount') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent --provider') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent --ref') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled --provider') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled --ref') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --provider') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --ref') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --kept') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed --programme') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --provider') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --ref') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --actor') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --at') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --kept') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned --programme') printf '%s' '<any>' ;;
        'referral-ledger review --programme') printf '%s' '<any>' ;;
        'referral-ledger review list --kind') printf '%s' 'dispute review suspension closure all' ;;
        'referral-ledger review list --user') printf '%s' '<any>' ;;
        'referral-ledger review list --limit') printf '%s' '<any>' ;;
        'referral-ledger review list --after') printf '%s' '<any>' ;;
        'referral-ledger review list --at') printf '%s' '<any>' ;;
        'referral-ledger review list --effective') printf '%s' '<any>' ;;
        'referral-ledger review list --programme') printf '%s' '<any>' ;;
        'referral-ledger review decide --actor') printf '%s' '<any>' ;;
        'referral-ledger review decide --at') printf '%s' '<any>' ;;
        'referral-ledger review decide --programme') printf '%s' '<any>' ;;
        'referral-ledger status --at') printf '%s' '<any>' ;;
        'referral-ledger status --effective') printf '%s' '<any>' ;;
        'referral-ledger user --at') printf '%s' '<any>' ;;
        'referral-ledger user --effective') printf '%s' '<any>' ;;
        'referral-ledger user --programme') printf '%s' '<any>' ;;
        'referral-ledger tree --depth') printf '%s' '<any>' ;;
        'referral-ledger tree --width') printf '%s' '<any>' ;;
        'referral-ledger tree --format') printf '%s' 'text dot json' ;;
        'referral-ledger tree --at') printf '%s' '<any>' ;;
        'referral-ledger tree --effective') printf '%s' '<any>' ;;
        'referral-ledger tree --programme') printf '%s' '<any>' ;;
        'referral-ledger balance --at') printf '%s' '<any>' ;;
        'referral-ledger balance --effective') printf '%s' '<any>' ;;
        'referral-ledger balance --programme') printf '%s' '<any>' ;;
        'referral-ledger balance --asset') printf '%s' '<any>' ;;
        'referral-ledger statement --at') printf '%s' '<any>' ;;
        'referral-ledger statement --effective') printf '%s' '<any>' ;;
        'referral-ledger statement --programme') printf '%s' '<any>' ;;
        'referral-ledger statement --asset') printf '%s' '<any>' ;;
        'referral-ledger rewards --state') printf '%s' 'pending held partlyHeld available partlyUsed used claimable claimed fulfilled repaid expired revoked quarantined' ;;
        'referral-ledger rewards --at') printf '%s' '<any>' ;;
        'referral-ledger rewards --effective') printf '%s' '<any>' ;;
        'referral-ledger rewards --programme') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --limit') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --by') printf '%s' 'referrals conversions earnings' ;;
        'referral-ledger leaderboard --period') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --asset') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --at') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --effective') printf '%s' '<any>' ;;
        'referral-ledger leaderboard --programme') printf '%s' '<any>' ;;
        'referral-ledger rank --by') printf '%s' 'referrals conversions earnings' ;;
        'referral-ledger rank --period') printf '%s' '<any>' ;;
        'referral-ledger rank --asset') printf '%s' '<any>' ;;
        'referral-ledger rank --at') printf '%s' '<any>' ;;
        'referral-ledger rank --effective') printf '%s' '<any>' ;;
        'referral-ledger rank --programme') printf '%s' '<any>' ;;
        'referral-ledger events --from') printf '%s' '<any>' ;;
        'referral-ledger events --to') printf '%s' '<any>' ;;
        'referral-ledger events --type') printf '%s' 'LedgerCreated ProgrammeCreated PeriodClosed PolicyPublished SymbolDefined ClockAdvanced CodeIssued CodeExpired UserSignedUp ReferralAttributed AttributionRejected ReferralAdvanced ReferralExpired ReferralReverted ReferralConverted PaymentReceived RefundReceived EventParked EventUnparked CommissionEarned RewardMatured CommissionReversed BudgetSet BudgetExhausted CodeDisabled CodeReactivated UserSuspended UserReinstated UserClosed UsersMerged BalanceMerged BalanceForfeited RewardHeld RefundFailed DisputeOpened DisputeWon DisputeLost RewardReleased RewardGranted RewardRevoked RewardClaimed RewardFulfilled FulfilmentFailed RewardExpired TierChanged BadgeAwarded BadgeRevoked CommissionRestored KycSubmitted KycDecided KycExpired WithdrawalRequested WithdrawalApproved WithdrawalReduced WithdrawalRejected WithdrawalCancelled WithdrawalExpired PayoutSent TaxWithheld FeeCharged PayoutSettled PayoutFailed PayoutReturned TaxRemitted CashFunded CostRecorded FraudFlagged RiskScoreReported ReviewDecided AdjustmentPosted DebtWrittenOff OpeningBalance FxRateRecorded FxConverted AttributionCorrected EventQuarantined EventReleased ReconciliationRun BreakOpened BreakResolved CorrectionApplied ImportProgressed' ;;
        'referral-ledger events --user') printf '%s' '<any>' ;;
        'referral-ledger events --limit') printf '%s' '<any>' ;;
        'referral-ledger events --programme') printf '%s' '<any>' ;;
        'referral-ledger events --at') printf '%s' '<any>' ;;
        'referral-ledger events --effective') printf '%s' '<any>' ;;
        'referral-ledger trace --at') printf '%s' '<any>' ;;
        'referral-ledger trace --effective') printf '%s' '<any>' ;;
        'referral-ledger trace --programme') printf '%s' '<any>' ;;
        'referral-ledger trace --html') printf '%s' '<file>' ;;
        'referral-ledger trace --proofs') printf '%s' '<directory>' ;;
        'referral-ledger trial-balance --at') printf '%s' '<any>' ;;
        'referral-ledger trial-balance --effective') printf '%s' '<any>' ;;
        'referral-ledger trial-balance --programme') printf '%s' '<any>' ;;
        'referral-ledger receivables --asset') printf '%s' '<any>' ;;
        'referral-ledger receivables --limit') printf '%s' '<any>' ;;
        'referral-ledger receivables --after') printf '%s' '<any>' ;;
        'referral-ledger receivables --at') printf '%s' '<any>' ;;
        'referral-ledger receivables --effective') printf '%s' '<any>' ;;
        'referral-ledger receivables --programme') printf '%s' '<any>' ;;
        'referral-ledger budgets --user') printf '%s' '<any>' ;;
        'referral-ledger budgets --at') printf '%s' '<any>' ;;
        'referral-ledger budgets --effective') printf '%s' '<any>' ;;
        'referral-ledger budgets --programme') printf '%s' '<any>' ;;
        'referral-ledger parked --limit') printf '%s' '<any>' ;;
        'referral-ledger parked --at') printf '%s' '<any>' ;;
        'referral-ledger parked --effective') printf '%s' '<any>' ;;
        'referral-ledger breaks --programme') printf '%s' '<any>' ;;
        'referral-ledger breaks --provider') printf '%s' '<any>' ;;
        'referral-ledger breaks --at') printf '%s' '<any>' ;;
        'referral-ledger breaks --effective') printf '%s' '<any>' ;;
        'referral-ledger explain --programme') printf '%s' '<any>' ;;
        'referral-ledger explain --at') printf '%s' '<any>' ;;
        'referral-ledger explain --effective') printf '%s' '<any>' ;;
        'referral-ledger explain --html') printf '%s' '<file>' ;;
        'referral-ledger explain --proofs') printf '%s' '<directory>' ;;
        'referral-ledger explain balance --asset') printf '%s' '<any>' ;;
        'referral-ledger explain balance --programme') printf '%s' '<any>' ;;
        'referral-ledger explain balance --at') printf '%s' '<any>' ;;
        'referral-ledger explain balance --effective') printf '%s' '<any>' ;;
        'referral-ledger explain balance --html') printf '%s' '<file>' ;;
        'referral-ledger explain balance --proofs') printf '%s' '<directory>' ;;
        'referral-ledger explain tier --programme') printf '%s' '<any>' ;;
        'referral-ledger explain tier --at') printf '%s' '<any>' ;;
        'referral-ledger explain tier --effective') printf '%s' '<any>' ;;
        'referral-ledger explain tier --html') printf '%s' '<file>' ;;
        'referral-ledger explain tier --proofs') printf '%s' '<directory>' ;;
        'referral-ledger explain rank --by') printf '%s' 'conversions referrals earnings' ;;
        'referral-ledger explain rank --asset') printf '%s' '<any>' ;;
        'referral-ledger explain rank --programme') printf '%s' '<any>' ;;
        'referral-ledger explain rank --at') printf '%s' '<any>' ;;
        'referral-ledger explain rank --effective') printf '%s' '<any>' ;;
        'referral-ledger explain rank --html') printf '%s' '<file>' ;;
        'referral-ledger explain rank --proofs') printf '%s' '<directory>' ;;
        'referral-ledger explain reward --programme') printf '%s' '<any>' ;;
        'referral-ledger explain reward --at') printf '%s' '<any>' ;;
        'referral-ledger explain reward --effective') printf '%s' '<any>' ;;
        'referral-ledger explain reward --html') printf '%s' '<file>' ;;
        'referral-ledger explain reward --proofs') printf '%s' '<directory>' ;;
        'referral-ledger explain parked --programme') printf '%s' '<any>' ;;
        'referral-ledger explain parked --at') printf '%s' '<any>' ;;
        'referral-ledger explain parked --effective') printf '%s' '<any>' ;;
        'referral-ledger explain parked --html') printf '%s' '<file>' ;;
        'referral-ledger explain parked --proofs') printf '%s' '<directory>' ;;
        'referral-ledger verify --from') printf '%s' '<file>' ;;
        'referral-ledger verify --key') printf '%s' '<any>' ;;
        'referral-ledger checkpoint new-key --out') printf '%s' '<file>' ;;
        'referral-ledger checkpoint sign --key') printf '%s' '<file>' ;;
        'referral-ledger checkpoint sign --origin') printf '%s' '<any>' ;;
        'referral-ledger checkpoint cosign --key') printf '%s' '<file>' ;;
        'referral-ledger checkpoint cosign --log-key') printf '%s' '<any>' ;;
        'referral-ledger checkpoint cosign --old') printf '%s' '<file>' ;;
        'referral-ledger checkpoint cosign --proof') printf '%s' '<file>' ;;
        'referral-ledger checkpoint cosign --time') printf '%s' '<any>' ;;
        'referral-ledger checkpoint show --key') printf '%s' '<any>' ;;
        'referral-ledger prove inclusion --checkpoint') printf '%s' '<file>' ;;
        'referral-ledger check-proof --key') printf '%s' '<any>' ;;
        'referral-ledger check-proof --old') printf '%s' '<file>' ;;
        'referral-ledger check-proof --record') printf '%s' '<file>' ;;
        'referral-ledger check-proof --origin') printf '%s' '<any>' ;;
        'referral-ledger replay --to') printf '%s' '<any>' ;;
        'referral-ledger replay --digest-every') printf '%s' '<any>' ;;
        'referral-ledger re-decide --policy') printf '%s' '<file>' ;;
        'referral-ledger re-decide --from') printf '%s' '<any>' ;;
        'referral-ledger re-decide --out') printf '%s' '<file>' ;;
        'referral-ledger re-decide --at') printf '%s' '<any>' ;;
        'referral-ledger re-decide --limit') printf '%s' '<any>' ;;
        'referral-ledger re-decide --keep') printf '%s' '<directory>' ;;
        'referral-ledger re-decide --programme') printf '%s' '<any>' ;;
        'referral-ledger correct --approved-by') printf '%s' '<any>' ;;
        'referral-ledger correct --expect-head') printf '%s' '<any>' ;;
        'referral-ledger reconcile --limit') printf '%s' '<any>' ;;
        'referral-ledger reconcile --statement') printf '%s' '<file>' ;;
        'referral-ledger reconcile --map') printf '%s' '<file>' ;;
        'referral-ledger reconcile --provider') printf '%s' '<any>' ;;
        'referral-ledger reconcile --programme') printf '%s' '<any>' ;;
        'referral-ledger reconcile --tolerance') printf '%s' '<any>' ;;
        'referral-ledger reconcile --timing') printf '%s' '<any>' ;;
        'referral-ledger reconcile --grace') printf '%s' '<any>' ;;
        'referral-ledger reconcile --match') printf '%s' '<any>' ;;
        'referral-ledger reconcile --from') printf '%s' '<any>' ;;
        'referral-ledger reconcile --through') printf '%s' '<any>' ;;
        'referral-ledger reconcile --as-of') printf '%s' '<any>' ;;
        'referral-ledger rebuild --jobs') printf '%s' '<any>' ;;
        'referral-ledger rebuild --checkpoint-every') printf '%s' '<any>' ;;
        'referral-ledger diff --to') printf '%s' '<any>' ;;
        'referral-ledger diff --limit') printf '%s' '<any>' ;;
        'referral-ledger swap --approve') printf '%s' '<any>' ;;
        'referral-ledger quarantine --reason') printf '%s' '<any>' ;;
        'referral-ledger quarantine --approved-by') printf '%s' '<any>' ;;
        'referral-ledger quarantine --at') printf '%s' '<any>' ;;
        'referral-ledger quarantine --programme') printf '%s' '<any>' ;;
        'referral-ledger release --reason') printf '%s' '<any>' ;;
        'referral-ledger release --approved-by') printf '%s' '<any>' ;;
        'referral-ledger release --at') printf '%s' '<any>' ;;
        'referral-ledger release --programme') printf '%s' '<any>' ;;
        'referral-ledger export --format') printf '%s' 'hledger ledger beancount csv jsonl tiles' ;;
        'referral-ledger export --at') printf '%s' '<any>' ;;
        'referral-ledger export --effective') printf '%s' '<any>' ;;
        'referral-ledger export --programme') printf '%s' '<any>' ;;
        'referral-ledger export --out') printf '%s' '<directory>' ;;
        'referral-ledger report --from') printf '%s' '<any>' ;;
        'referral-ledger report --through') printf '%s' '<any>' ;;
        'referral-ledger report --checkpoint') printf '%s' '<file>' ;;
        'referral-ledger backup --keys') printf '%s' '<directory>' ;;
        'referral-ledger restore --keys') printf '%s' '<directory>' ;;
        'referral-ledger simulate --users') printf '%s' '<any>' ;;
        'referral-ledger simulate --payments') printf '%s' '<any>' ;;
        'referral-ledger simulate --seed') printf '%s' '<any>' ;;
        'referral-ledger simulate --asset') printf '%s' '<any>' ;;
        'referral-ledger simulate --preset') printf '%s' 'two-level premium-days tiered' ;;
        'referral-ledger simulate --advance') printf '%s' 'week month' ;;
        'referral-ledger simulate --programme') printf '%s' '<any>' ;;
        'referral-ledger man --into') printf '%s' '<directory>' ;;
        *' --ledger') printf '%s' '<directory>' ;;
        *) return 1 ;;
    esac
}

_referral_ledger_arguments() {
    case $1 in
        'referral-ledger record 0') printf '%s' 'signup issueCode applyCode advanceReferral convert payment refund advance publishPolicy createProgramme refundFailed dispute adjust writeOff openingBalance fxRate fxConvert fund remitTax recordCost setBudget claim fulfil withdraw decideWithdrawal payout kyc suspend reinstate closeUser mergeUsers flag review riskScore disableCode reactivateCode quarantine release correctAttribution reconciliation openBreak resolveBreak correct' ;;
        'referral-ledger import '*) printf '%s' '<file>' ;;
        'referral-ledger policy check 0') printf '%s' '<file>' ;;
        'referral-ledger policy diff 0') printf '%s' '<file>' ;;
        'referral-ledger policy diff 1') printf '%s' '<file>' ;;
        'referral-ledger policy publish 0') printf '%s' '<file>' ;;
        'referral-ledger withdrawals approve 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reject 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals cancel 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals reduce 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals sent 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals settled 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals failed 0') printf '%s' '<any>' ;;
        'referral-ledger withdrawals returned 0') printf '%s' '<any>' ;;
        'referral-ledger review decide 0') printf '%s' '<any>' ;;
        'referral-ledger review decide 1') printf '%s' 'clear confirm' ;;
        'referral-ledger user 0') printf '%s' '<any>' ;;
        'referral-ledger tree 0') printf '%s' '<any>' ;;
        'referral-ledger balance 0') printf '%s' '<any>' ;;
        'referral-ledger statement 0') printf '%s' '<any>' ;;
        'referral-ledger rewards 0') printf '%s' '<any>' ;;
        'referral-ledger rank 0') printf '%s' '<any>' ;;
        'referral-ledger trace 0') printf '%s' '<any>' ;;
        'referral-ledger explain balance 0') printf '%s' '<any>' ;;
        'referral-ledger explain tier 0') printf '%s' '<any>' ;;
        'referral-ledger explain rank 0') printf '%s' '<any>' ;;
        'referral-ledger explain reward 0') printf '%s' '<any>' ;;
        'referral-ledger explain parked 0') printf '%s' '<any>' ;;
        'referral-ledger checkpoint new-key 0') printf '%s' '<any>' ;;
        'referral-ledger checkpoint vkey 0') printf '%s' '<file>' ;;
        'referral-ledger checkpoint cosign 0') printf '%s' '<file>' ;;
        'referral-ledger checkpoint show 0') printf '%s' '<file>' ;;
        'referral-ledger prove inclusion 0') printf '%s' '<any>' ;;
        'referral-ledger prove consistency 0') printf '%s' '<any>' ;;
        'referral-ledger prove consistency 1') printf '%s' '<any>' ;;
        'referral-ledger check-proof 0') printf '%s' '<file>' ;;
        'referral-ledger correct 0') printf '%s' '<file>' ;;
        'referral-ledger diff 0') printf '%s' '<any>' ;;
        'referral-ledger diff 1') printf '%s' '<any>' ;;
        'referral-ledger bisect 0') printf '%s' '<any>' ;;
        'referral-ledger bisect 1') printf '%s' '<any>' ;;
        'referral-ledger quarantine 0') printf '%s' '<any>' ;;
        'referral-ledger release 0') printf '%s' '<any>' ;;
        'referral-ledger report 0') printf '%s' '<file>' ;;
        'referral-ledger backup 0') printf '%s' '<directory>' ;;
        'referral-ledger restore 0') printf '%s' '<directory>' ;;
        'referral-ledger scenario '*) printf '%s' '<file>' ;;
        'referral-ledger completions 0') printf '%s' 'bash zsh fish' ;;
        'referral-ledger man '*) printf '%s' '<any>' ;;
        *) return 1 ;;
    esac
}


_referral_ledger_reply() {
    local IFS=$' \t\n'
    case $1 in
        '<file>')
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$2")
            ;;
        '<directory>')
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$2")
            ;;
        '<any>') ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
    esac
}

_referral_ledger() {
    local cur=${COMP_WORDS[COMP_CWORD]} path='referral-ledger' option='' word='' first='' ended='' count=0 i=1 row=''
    COMPREPLY=()
    [ "$cur" != = ] || cur=''
    while [ "$i" -lt "$COMP_CWORD" ]; do
        word=${COMP_WORDS[i]}
        i=$((i + 1))
        if [ -z "$ended" ] && [ "$word" = -- ]; then
            ended=1
        elif [ -z "$ended" ] && [[ $word == --* && $word != *=* ]]; then
            _referral_ledger_values "$path $word" >/dev/null || [ "${COMP_WORDS[i]}" = = ] || continue
            [ "$i" -ge "$COMP_CWORD" ] || [ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
            [ "$i" -lt "$COMP_CWORD" ] || option=$word
            i=$((i + 1))
        elif [ -z "$ended" ] && [[ $word == -?* ]]; then
            :
        elif _referral_ledger_options "$path $word" >/dev/null && _referral_ledger_verbs "$path" >/dev/null; then
            path="$path $word"
        else
            [ -n "$first" ] || first=$word
            count=$((count + 1))
        fi
    done
    if [ -z "$ended" ] && [[ $cur == --*=* ]]; then
        option=${cur%%=*}
        cur=${cur#*=}
        row=$(_referral_ledger_values "$path $option") || return 0
        _referral_ledger_reply "$row" "$cur"
        # The word is completed as a whole here.
        COMPREPLY=("${COMPREPLY[@]/#/$option=}")
    elif [ -n "$option" ]; then
        row=$(_referral_ledger_values "$path $option") || return 0
        _referral_ledger_reply "$row" "$cur"
    elif [ -z "$ended" ] && [[ $cur == -* ]]; then
        row=$(_referral_ledger_options "$path")
        [ -z "$first" ] || row="$row $(_referral_ledger_options "$path $first")"
        _referral_ledger_reply "$row" "$cur"
    elif row=$(_referral_ledger_verbs "$path"); then
        _referral_ledger_reply "$row" "$cur"
    elif row=$(_referral_ledger_arguments "$path $count"); then
        _referral_ledger_reply "$row" "$cur"
    fi
}
complete -F _referral_ledger referral-ledger
