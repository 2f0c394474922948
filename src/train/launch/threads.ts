/**
 * What tells numerical libraries how many threads to take: OpenMP (LightGBM, XGBoost, PyTorch, scikit-learn), OpenBLAS, MKL, numexpr.
 * Left alone, each of several processes side by side takes a thread for every core, and they stand in each other's way.
 *
 * @param shared other processes run on the same cores: threads without work then sleep instead of spinning.
 */
export function threadVariables(threads: number, shared: boolean): Readonly<Record<string, string>> {
  const count = String(Math.max(1, Math.floor(threads)));
  return {
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    NUMEXPR_NUM_THREADS: count,
    ...(shared ? { OMP_WAIT_POLICY: "PASSIVE" } : {}),
  };
}

/** Variables of every task, whichever launcher starts it: Python's lines come when they are printed, not when a buffer is full. */
export const taskVariables: Readonly<Record<string, string>> = Object.freeze({ PYTHONUNBUFFERED: "1" });
