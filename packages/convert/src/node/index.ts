/**
 * Staged files and folders, for Node.
 *
 * @module
 */

export { appendToFolder, openTailFile } from "./change-in-place.js";
export { type Destination, destinationFor, refuseInside } from "./destination.js";
export { directoryTarget } from "./directory-target.js";
export { readRecords, removeRecords, type StagedRecord, stageRecord } from "./edit-records.js";
export { createFileSink } from "./file-sink.js";
export { createGrowingFile } from "./growing-file.js";
export { openGrowingFolder } from "./growing-folder.js";
export { cutInterrupted, growthRecordOf } from "./growth-record.js";
export { findLeftovers, type Leftover } from "./leftovers.js";
export { lockPath } from "./lock-path.js";
export { createPlan, type PlanRequest } from "./parts/create-plan.js";
export { abandonPlan, type FinishRequest, finishPlan, missingParts } from "./parts/finish-plan.js";
export { formatPlan, type PartWork, type PlanFile, parsePlan } from "./parts/plan-file.js";
export { type PartOutcome, type PartRequest, runPart } from "./parts/run-part.js";
export { type FreeSpace, freeSpaceFor, type StagedOutput } from "./staging.js";
