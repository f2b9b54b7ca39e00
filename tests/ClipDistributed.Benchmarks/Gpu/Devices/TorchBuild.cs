using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace ClipDistributed.Benchmarks.Gpu.Devices;

/// <summary>How the loaded libtorch was built, from its own description of that.</summary>
/// <param name="Path">Of libtorch_cpu.so.</param>
/// <param name="Description">Several lines; empty: this libtorch does not tell.</param>
internal sealed partial record TorchBuild(string Path, string Description)
{
    // std::string at::show_config(), in the C++11 form of std::string.
    private const string ShowConfig = "_ZN2at11show_configB5cxx11Ev";

    /// <summary>As in <c>2.10.0</c>; null: unknown.</summary>
    public string? Version => Find(VersionPattern());

    /// <summary>Of the CUDA runtime that it was built for; null: none.</summary>
    public string? CudaRuntime => Find(CudaPattern());

    public string? CuDnn => Find(CuDnnPattern());

    /// <summary>To be called after libtorch was loaded.</summary>
    public static unsafe TorchBuild Read()
    {
        string path = File.ReadLines("/proc/self/maps")
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .First(fields => fields.Length == 6 && fields[5].EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))[5];
        if (!NativeLibrary.TryGetExport(NativeLibrary.Load(path), ShowConfig, out nint address))
            return new TorchBuild(path, "");
        // A std::string is returned in memory of the caller: address, length, and room for a short text. It is read once and left.
        nint* text = stackalloc nint[4];
        _ = ((delegate* unmanaged<nint*, nint>)address)(text);
        return new TorchBuild(path, Encoding.UTF8.GetString((byte*)text[0], (int)text[1]));
    }

    private string? Find(Regex pattern) => pattern.Match(Description) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex("TORCH_VERSION=([0-9.]+)")]
    private static partial Regex VersionPattern();

    [GeneratedRegex("CUDA Runtime ([0-9.]+)")]
    private static partial Regex CudaPattern();

    [GeneratedRegex("CuDNN ([0-9.]+)")]
    private static partial Regex CuDnnPattern();
}
