// What a station of OCPP 2.0.1 says, and how it obeys.

"use strict";

const { randomUUID } = require("node:crypto");

const now = () => new Date().toISOString();
const EVSE = { id: 1, connectorId: 1 };
const metered = (context = "Sample.Periodic") => [
  {
    timestamp: now(),
    sampledValue: [
      { value: 1234.5, context, measurand: "Energy.Active.Import.Register", location: "Outlet", unitOfMeasure: { unit: "Wh" } },
      { value: 22.5, context, measurand: "Power.Active.Import", phase: "L1", unitOfMeasure: { unit: "W", multiplier: 3 } },
      { value: 48, context, measurand: "SoC", location: "EV", unitOfMeasure: { unit: "Percent" } },
    ],
  },
];
const status = (tell, connectorStatus, evseId = 1) =>
  tell("StatusNotification", { timestamp: now(), connectorStatus, evseId, connectorId: 1 });

let events = 0;
const notify = (tell, component, variable, more) =>
  tell("NotifyEvent", {
    generatedAt: now(),
    seqNo: 0,
    tbc: false,
    eventData: [
      {
        eventId: ++events, timestamp: now(), trigger: "Alerting", actualValue: "true", eventNotificationType: "HardWiredMonitor",
        component: { name: component, evse: EVSE }, variable: { name: variable }, ...more,
      },
    ],
  });

let session = null;

async function transaction(tell, eventType, triggerReason, info = {}, more = {}) {
  const seqNo = session.told++;
  await tell("TransactionEvent", {
    eventType, triggerReason, timestamp: now(), seqNo, evse: EVSE, transactionInfo: { transactionId: session.id, ...info }, ...more,
  });
}

async function charge(tell, idToken, remoteStartId) {
  session = { id: randomUUID(), told: 0 };
  const remote = remoteStartId === undefined ? {} : { remoteStartId };
  await tell("Authorize", { idToken });
  await status(tell, "Occupied");
  await transaction(tell, "Started", remoteStartId === undefined ? "Authorized" : "RemoteStart", { chargingState: "EVConnected", ...remote }, { idToken, meterValue: metered("Transaction.Begin"), offline: false });
  await transaction(tell, "Updated", "ChargingStateChanged", { chargingState: "Charging", timeSpentCharging: 1 });
  await transaction(tell, "Updated", "MeterValuePeriodic", { chargingState: "Charging" }, { meterValue: metered(), numberOfPhasesUsed: 3, cableMaxCurrent: 32 });
  await transaction(tell, "Updated", "ChargingStateChanged", { chargingState: "SuspendedEV" });
}

async function stop(tell, triggerReason, stoppedReason) {
  await transaction(tell, "Ended", triggerReason, { chargingState: "EVConnected", stoppedReason }, { meterValue: metered("Transaction.End"), idToken: { idToken: "CARD", type: "ISO14443" } });
  session = null;
  await status(tell, "Available");
}

const boot = (tell, reason) =>
  tell("BootNotification", {
    reason,
    chargingStation: { vendorName: "ocpp-rpc", model: "strict", serialNumber: "SN-1", firmwareVersion: "2.2.1", modem: { iccid: "8943", imsi: "2320" } },
  });

const report = (tell, requestId) =>
  tell("NotifyReport", {
    requestId, generatedAt: now(), seqNo: 0, tbc: false,
    reportData: [
      {
        component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" },
        variableAttribute: [{ type: "Actual", value: "300", mutability: "ReadWrite", persistent: true, constant: false }],
        variableCharacteristics: { dataType: "integer", supportsMonitoring: false, unit: "s" },
      },
      { component: { name: "SecurityCtrlr" }, variable: { name: "BasicAuthPassword" }, variableAttribute: [{ mutability: "WriteOnly" }] },
    ],
  });

exports.repertoire = async (tell) => {
  await boot(tell, "PowerUp");
  await tell("Heartbeat", {});
  for (const evseId of [1, 2]) await status(tell, "Available", evseId);
  for (const word of ["Occupied", "Reserved", "Unavailable", "Available"]) await status(tell, word, 2);
  await notify(tell, "RCD", "Tripped", { techCode: "CX002", techInfo: "30 mA", cleared: false });
  await status(tell, "Faulted");
  await notify(tell, "RCD", "Tripped", { techCode: "CX002", actualValue: "false", cleared: true });
  await status(tell, "Available");
  await notify(tell, "ChargingStation", "AvailabilityState", { trigger: "Delta", actualValue: "Available", component: { name: "ChargingStation" }, variableMonitoringId: 4, cause: 1, eventNotificationType: "PreconfiguredMonitor" });
  await charge(tell, { idToken: "CARD", type: "ISO14443", additionalInfo: [{ additionalIdToken: "X", type: "fleet" }] });
  await stop(tell, "StopAuthorized", "Local");
  await tell("MeterValues", { evseId: 0, meterValue: metered() });
  await tell("SecurityEventNotification", { type: "StartupOfTheDevice", timestamp: now(), techInfo: "cold" });
  await tell("DataTransfer", { vendorId: "org.example", messageId: "hello", data: { a: [1, null] } });
  for (const word of ["Downloading", "Downloaded", "Installing", "Installed"]) await tell("FirmwareStatusNotification", { status: word, requestId: 3 });
  for (const word of ["Uploading", "PermissionDenied", "Idle"]) await tell("LogStatusNotification", { status: word, requestId: 4 });
  await report(tell, 5);
};

const SCHEDULE = { id: 1, chargingRateUnit: "W", chargingSchedulePeriod: [{ startPeriod: 0, limit: 11000 }] };
const HASHES = { hashAlgorithm: "SHA256", issuerNameHash: "aa", issuerKeyHash: "bb", serialNumber: "1" };

// Messages of features that a support service has no part in: it has to answer them all the same.
exports.others = async (tell) => {
  await tell("NotifyMonitoringReport", { requestId: 6, seqNo: 0, generatedAt: now(), tbc: false });
  await tell("NotifyCustomerInformation", { requestId: 7, seqNo: 0, generatedAt: now(), data: "none" });
  await tell("NotifyDisplayMessages", { requestId: 8, tbc: false });
  await tell("NotifyChargingLimit", { evseId: 1, chargingLimit: { chargingLimitSource: "EMS", isGridCritical: false } });
  await tell("ClearedChargingLimit", { chargingLimitSource: "EMS", evseId: 1 });
  await tell("ReportChargingProfiles", {
    requestId: 9, evseId: 1, chargingLimitSource: "CSO", tbc: false,
    chargingProfile: [{ id: 1, stackLevel: 0, chargingProfilePurpose: "TxDefaultProfile", chargingProfileKind: "Relative", chargingSchedule: [SCHEDULE] }],
  });
  await tell("ReservationStatusUpdate", { reservationId: 1, reservationUpdateStatus: "Expired" });
  await tell("PublishFirmwareStatusNotification", { status: "Idle" });
  await tell("NotifyEVChargingNeeds", { evseId: 1, chargingNeeds: { requestedEnergyTransfer: "AC_three_phase" } });
  await tell("NotifyEVChargingSchedule", { evseId: 1, timeBase: now(), chargingSchedule: SCHEDULE });
  await tell("SignCertificate", { csr: "-----BEGIN CERTIFICATE REQUEST-----", certificateType: "ChargingStationCertificate" });
  await tell("Get15118EVCertificate", { iso15118SchemaVersion: "urn:iso:15118:2:2013:MsgDef", action: "Install", exiRequest: "gAAA" });
  await tell("GetCertificateStatus", { ocspRequestData: { ...HASHES, responderURL: "https://ocsp.example.org" } });
};

const ACCEPTED = { status: "Accepted" };
const variable = ({ component, variable: asked }) => {
  const known = component.name === "OCPPCommCtrlr" && asked.name === "HeartbeatInterval";
  const answer = known ? { attributeStatus: "Accepted", attributeValue: "300" } : { attributeStatus: "UnknownComponent" };
  return { component, variable: asked, attributeType: "Actual", ...answer };
};
const OBEDIENCE = {
  TriggerMessage: ({ evse }) => ({ answer: ACCEPTED, then: (tell) => status(tell, "Available", evse?.id ?? 1) }),
  RequestStartTransaction: ({ idToken, remoteStartId }) => ({ answer: ACCEPTED, then: (tell) => charge(tell, idToken, remoteStartId) }),
  RequestStopTransaction: ({ transactionId }) =>
    transactionId === session?.id ? { answer: ACCEPTED, then: (tell) => stop(tell, "RemoteStop", "Remote") } : { answer: { status: "Rejected" } },
  UnlockConnector: () => ({ answer: { status: "Unlocked" } }),
  ChangeAvailability: () => ({ answer: ACCEPTED }),
  Reset: () => ({ answer: ACCEPTED, then: (tell) => boot(tell, "RemoteReset") }),
  GetVariables: ({ getVariableData }) => ({ answer: { getVariableResult: getVariableData.map(variable) } }),
  GetBaseReport: ({ requestId }) => ({ answer: ACCEPTED, then: (tell) => report(tell, requestId) }),
  GetLog: ({ requestId }) => ({
    answer: { status: "Accepted", filename: "log.zip" },
    then: async (tell) => {
      for (const word of ["Uploading", "Uploaded"]) await tell("LogStatusNotification", { status: word, requestId });
    },
  }),
  ClearCache: () => ({ answer: ACCEPTED }),
  SendLocalList: () => ({ answer: ACCEPTED }),
};

exports.obey = (method, params) => OBEDIENCE[method](params);
