// One import for everything: the rooms of the house, re-exported.
@_exported import GibbsContrast
@_exported import GibbsCore
@_exported import GibbsCreate
@_exported import GibbsData
@_exported import GibbsEvents
@_exported import GibbsLandscapes
@_exported import GibbsLogs
@_exported import GibbsMachines
@_exported import GibbsNumerics
@_exported import GibbsRecommend
@_exported import GibbsSimulation
@_exported import GibbsText
@_exported import GibbsWatch
