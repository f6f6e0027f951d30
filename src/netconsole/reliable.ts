/** Placeholder type until the reliable extension is wired in. */
export interface ReliableState {
  readonly dialect: string;
}
