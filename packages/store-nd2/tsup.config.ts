import { libraryBuild } from "../../scripts/lib/library-build.mjs";

export default libraryBuild();
