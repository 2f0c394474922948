import { pythonEnvironment } from "../servers/python.ts";

/** Runs a Python program with SciPy; it reads `input` as JSON from standard input and prints one JSON document. */
export async function scipy<Answer>(program: string, input: unknown): Promise<Answer> {
  const python = await pythonEnvironment(["scipy==1.17.1", "numpy==2.4.6"]);
  const { code, stdout, stderr } = await python.run(["-c", program], { input: JSON.stringify(input) });
  if (code !== 0) throw new Error(stderr);
  const answer: Answer = JSON.parse(stdout);
  return answer;
}
