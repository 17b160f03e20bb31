// <expression> readVariable("EXAMPLE_API_KEY")
// <function>
/** The value of an environment variable, which must be set. */
function readVariable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`The environment variable ${name} is not set. Set it before the program starts.`);
  }
  return value;
}
// </function>

const secret = readVariable("EXAMPLE_API_KEY");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>

export {};
