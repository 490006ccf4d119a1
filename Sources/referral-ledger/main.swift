import LedgerCLI

Program.main()
