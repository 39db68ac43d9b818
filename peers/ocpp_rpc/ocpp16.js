// What a station of OCPP 1.6 says, and how it obeys.

"use strict";

const now = () => new Date().toISOString();
const FINE = { errorCode: "NoError" };
const STATUSES = ["Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Reserved", "Unavailable"];
const ERRORS = [
  "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError", "LocalListConflict",
  "OtherError", "OverCurrentFailure", "OverVoltage", "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure",
  "ResetFailure", "UnderVoltage", "WeakSignal",
];
const metered = () => [
  {
    timestamp: now(),
    sampledValue: [
      { value: "1234", context: "Sample.Periodic", format: "Raw", measurand: "Energy.Active.Import.Register", location: "Outlet", unit: "Wh" },
      { value: "22.5", measurand: "Power.Active.Import", phase: "L1", unit: "kW" },
      { value: "48", measurand: "SoC", location: "EV", unit: "Percent" },
    ],
  },
];

let session = null;

async function charge(tell, idTag) {
  await tell("Authorize", { idTag });
  await tell("StatusNotification", { connectorId: 1, status: "Preparing", ...FINE });
  const started = await tell("StartTransaction", { connectorId: 1, idTag, meterStart: 1000, timestamp: now() });
  session = started?.transactionId ?? null;
  await tell("StatusNotification", { connectorId: 1, status: "Charging", ...FINE });
  await tell("MeterValues", { connectorId: 1, transactionId: session, meterValue: metered() });
}

async function stop(tell, reason) {
  const transactionId = session;
  session = null;
  await tell("StopTransaction", { transactionId, idTag: "CARD", meterStop: 2000, timestamp: now(), reason, transactionData: metered() });
  await tell("StatusNotification", { connectorId: 1, status: "Finishing", ...FINE });
  await tell("StatusNotification", { connectorId: 1, status: "Available", ...FINE });
}

const boot = (tell) =>
  tell("BootNotification", {
    chargePointVendor: "ocpp-rpc", chargePointModel: "strict", chargePointSerialNumber: "SN-1", chargeBoxSerialNumber: "BOX-1",
    firmwareVersion: "2.2.1", iccid: "8943", imsi: "2320", meterType: "eHZ", meterSerialNumber: "M-1",
  });

exports.repertoire = async (tell) => {
  await boot(tell);
  await tell("Heartbeat", {});
  for (const connectorId of [0, 1, 2]) await tell("StatusNotification", { connectorId, status: "Available", timestamp: now(), ...FINE });
  for (const status of STATUSES) await tell("StatusNotification", { connectorId: 2, status, ...FINE });
  for (const errorCode of ERRORS) {
    await tell("StatusNotification", {
      connectorId: 2, status: "Faulted", errorCode, timestamp: now(), info: "as long as it may be ".padEnd(50, "."), vendorId: "org.example", vendorErrorCode: "E-7",
    });
  }
  await tell("StatusNotification", { connectorId: 2, status: "Available", ...FINE });
  await charge(tell, "CARD");
  await stop(tell, "Local");
  await tell("MeterValues", { connectorId: 0, meterValue: metered() });
  await tell("DataTransfer", { vendorId: "org.example", messageId: "hello", data: "{\"a\":1}" });
  for (const status of ["Downloading", "Downloaded", "Installing", "Installed", "Idle"]) await tell("FirmwareStatusNotification", { status });
  for (const status of ["Uploading", "UploadFailed", "Idle"]) await tell("DiagnosticsStatusNotification", { status });
};

// Messages that the security whitepaper adds to OCPP 1.6.
exports.others = async (tell) => {
  await tell("SecurityEventNotification", { type: "StartupOfTheDevice", timestamp: now(), techInfo: "cold" });
  await tell("LogStatusNotification", { status: "Idle", requestId: 1 });
  await tell("SignedFirmwareStatusNotification", { status: "Installed", requestId: 2 });
  await tell("SignCertificate", { csr: "-----BEGIN CERTIFICATE REQUEST-----" });
};

const ACCEPTED = { status: "Accepted" };
const OBEDIENCE = {
  TriggerMessage: ({ connectorId }) => ({
    answer: ACCEPTED,
    then: (tell) => tell("StatusNotification", { connectorId: connectorId ?? 0, status: "Available", timestamp: now(), ...FINE }),
  }),
  RemoteStartTransaction: ({ idTag }) => ({ answer: ACCEPTED, then: (tell) => charge(tell, idTag) }),
  RemoteStopTransaction: ({ transactionId }) =>
    transactionId === session ? { answer: ACCEPTED, then: (tell) => stop(tell, "Remote") } : { answer: { status: "Rejected" } },
  UnlockConnector: () => ({ answer: { status: "Unlocked" } }),
  ChangeAvailability: () => ({ answer: ACCEPTED }),
  Reset: () => ({ answer: ACCEPTED, then: boot }),
  GetConfiguration: ({ key = [] }) => ({
    answer: {
      configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: "300" }, { key: "AuthorizationKey", readonly: false }],
      unknownKey: key.filter((each) => each !== "HeartbeatInterval" && each !== "AuthorizationKey"),
    },
  }),
  GetDiagnostics: () => ({
    answer: { fileName: "diagnostics.zip" },
    then: async (tell) => {
      for (const status of ["Uploading", "Uploaded"]) await tell("DiagnosticsStatusNotification", { status });
    },
  }),
  ClearCache: () => ({ answer: ACCEPTED }),
  SendLocalList: () => ({ answer: ACCEPTED }),
};

exports.obey = (method, params) => OBEDIENCE[method](params);
