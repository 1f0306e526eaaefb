/** The types of the query API under the names the dashboard uses. All come from `schema.d.ts`, which `npm run api` generates. */
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type Range = Schemas["Range"];
export type User = Schemas["SessionUser"];
export type Role = Schemas["Role"];
export type Grant = Schemas["Grant"];
export type UserRow = Schemas["UserRow"];
export type Invitation = Schemas["InvitationRow"];
export type InvitationLook = Schemas["InvitationLook"];
export type System = Schemas["System"];
export type WatchdogState = Schemas["WatchdogState"];
export type View = Schemas["ViewRow"];
export type ApdexThresholds = Schemas["Apdex"];
export type LogInWays = Schemas["LogInWays"];
export type Token = Schemas["TokenRow"];
export type SessionRow = Schemas["SessionRow"];
export type AuditEntry = Schemas["AuditRow"];
export type App = Schemas["AppRow"];
export type AppOverview = Schemas["AppOverview"];
export type AppFigures = Schemas["AppFigures"];
export type AppEnvironment = Schemas["EnvironmentRow"];
export type ConfiguredEnvironment = Schemas["ConfiguredEnvironment"];
export type AppKey = Schemas["Key"];
export type Summary = Schemas["Summary"];
export type SparkPoint = Schemas["SparklinePoint"];
export type Endpoint = Schemas["EndpointRow"];
export type TrafficStep = Schemas["TrafficPoint"];
/** What charts by status need of a step. */
export type StatusStep = Pick<TrafficStep, "start" | "requests" | "by_status">;
export type LatencyStep = Schemas["LatencyPoint"];
export type LatencyHistogram = Schemas["LatencyHistogram"];
export type HistogramBucket = Schemas["HistogramBucket"];
export type Instance = Schemas["Instance"];
export type Loss = Schemas["LossEntry"];
export type ResourceStep = Schemas["ResourcePoint"];
export type Consumer = Schemas["ConsumerRow"];
export type Forgotten = Schemas["Forgotten"];
export type ValidationError = Schemas["ValidationErrorGroup"];
export type ErrorStatus = Schemas["ErrorStatus"];
export type ServerError = Schemas["ServerErrorGroup"];
export type Problem = Schemas["Problem"];

/** What a page of one app looks at: the parameters of its reads. */
export type TrafficScope = Pick<
  NonNullable<operations["latency"]["parameters"]["query"]>,
  "env" | "from" | "to" | "method" | "path" | "status" | "consumer" | "measure"
>;
export type LogRow = Schemas["LogRow"];
export type LogList = Schemas["LogList"];
export type LogStep = Schemas["LogPoint"];
export type LogFacets = Schemas["LogFacets"];
export type LogDetail = Schemas["LogDetail"];
export type LogHalf = Schemas["LoggedHalf"];
export type Heatmap = Schemas["Heatmap"];
export type SizeHistogram = Schemas["SizeHistogram"];
export type ErrorGroup = Schemas["ErrorGroup"];
export type ConsumerActivity = Schemas["ConsumerActivity"];
export type ConsumerGroup = Schemas["ConsumerGroup"];
export type ExpectedError = Schemas["ExpectedErrorRow"];
export type HubSettings = Schemas["Settings"];
