// Usage: node soap.js WSDL-URL CALLS.json: make the calls, and print the answers as JSON by operation.
const fs = require("fs");
const soap = require("soap");

async function main(url, path) {
  const asked = JSON.parse(fs.readFileSync(path, "utf-8"));
  const client = await soap.createClientAsync(url);
  const [service] = Object.values(client.describe());
  const answers = { operations: Object.keys(Object.values(service)[0]) };
  for (const { operation, parts } of asked.calls) {
    try {
      const [answer] = await client[`${operation}Async`]({ headerMessage: asked.header, ...parts });
      answers[operation] = answer[`${operation}Result`];
    } catch (error) {
      answers[operation] = error.message;
    }
  }
  process.stdout.write(JSON.stringify(answers));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
