// StrategyRouter
