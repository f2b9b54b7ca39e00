using System.Runtime.InteropServices;
using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Training.Memory;

/// <summary>An exception that means: there was no memory left. libtorch has a type for it, of which TorchSharp passes on the text
/// alone.</summary>
/// <param name="OnGpu">Not the host's memory but the GPU's.</param>
/// <param name="Text">What the library reported, one line.</param>
public sealed record FailedAllocation(bool OnGpu, string Text)
{
    // c10::OutOfMemoryError; the CUDA runtime's own error through libtorch, through ours and through NCCL; libraries' workspaces.
    private static readonly string[] OfGpus =
    [
        "CUDA out of memory",
        "CUDA error: out of memory",
        "CUDA: out of memory",
        "Cuda failure 2 'out of memory'",
        "Cuda failure 'out of memory'",
        "CUBLAS_STATUS_ALLOC_FAILED",
        "CUDNN_STATUS_ALLOC_FAILED",
        "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    ];

    private static readonly string[] OfHosts = ["DefaultCPUAllocator: can't allocate memory", "DefaultCPUAllocator: not enough memory"];

    /// <returns>Null: the exception means something else.</returns>
    public static FailedAllocation? Of(Exception thrown) =>
        thrown is not (ExternalException or CollectiveException) ? null
        : Find(thrown.Message, OfGpus) is { } gpu ? new FailedAllocation(true, gpu)
        : Find(thrown.Message, OfHosts) is { } host ? new FailedAllocation(false, host)
        : null;

    /// <summary>For work without a plan of its memory.</summary>
    public BadInputException ToBadInput() => new(OnGpu
        ? $"The GPU has no memory left ({Text}); end what else uses it (nvidia-smi lists that), or take a smaller model or a larger GPU."
        : $"This host has no memory left ({Text}); end what else uses it, or take a smaller model or a host with more memory.");

    /// <summary>From there to the end of the line: a stack of libtorch's functions follows, and advice for Python before it.</summary>
    private static string? Find(string message, string[] signs)
    {
        int start = signs.Select(sign => message.IndexOf(sign, StringComparison.Ordinal)).Where(at => at >= 0).Append(-1).First();
        if (start < 0)
            return null;
        string line = message[start..].Split('\n')[0];
        return line.Split(" If reserved but unallocated")[0].TrimEnd(' ', '\r', '.');
    }
}
