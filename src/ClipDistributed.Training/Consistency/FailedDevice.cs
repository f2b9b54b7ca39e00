using System.Runtime.InteropServices;

namespace ClipDistributed.Training.Consistency;

/// <summary>
/// An exception of libtorch that means: the GPU failed, and every further call of this process fails too. What the group's own calls
/// report is a <see cref="Collectives.DeviceFaultException"/>.
/// </summary>
public static class FailedDevice
{
    private const string Prefix = "CUDA error: ";

    // cudaGetErrorString of uncorrectable errors of memory and NVLink (214, 220), and of exceptions of kernels (700, 714 to 719).
    private static readonly string[] Faults =
    [
        "uncorrectable ECC error encountered",
        "uncorrectable NVLink error detected during the execution",
        "an illegal memory access was encountered",
        "hardware stack error",
        "an illegal instruction was encountered",
        "misaligned address",
        "operation not supported on global/shared address space",
        "invalid program counter",
        "unspecified launch failure",
    ];

    /// <returns>What CUDA reported, one line; null: the exception means something else.</returns>
    public static string? Of(Exception thrown) =>
        thrown is ExternalException
            ? Faults.Select(fault => Prefix + fault).FirstOrDefault(text => thrown.Message.Contains(text, StringComparison.Ordinal))
            : null;
}
