using TorchSharp;

namespace ClipDistributed.Training.Loss;

/// <summary>How large the tiles of logits are: as large as helps, and no larger. The loss does not depend on it but for rounding.</summary>
public static class TileSide
{
    /// <summary>A tile of float32 stays in a core's cache.</summary>
    public const int OnProcessors = 1024;

    // A tile of 4,096² keeps all multiprocessors of a large card busy; one of 8,192² halves what is read of the embeddings again.
    private const int OnGpu = 4096, OnLargeGpu = 8192;

    // Logits, their factors and what the first pass keeps: of the larger tiles they may take a thirty-second of the card.
    private const long TilesAtOnce = 3, PartOfMemory = 32;

    private const long LargeGpuBytes = PartOfMemory * TilesAtOnce * OnLargeGpu * OnLargeGpu * sizeof(float);

    /// <param name="memory">Of the GPU, bytes in all; null: not known.</param>
    /// <returns>Rows and columns of a tile.</returns>
    public static int On(DeviceType device, long? memory) =>
        device != DeviceType.CUDA ? OnProcessors : memory >= LargeGpuBytes ? OnLargeGpu : OnGpu;
}
