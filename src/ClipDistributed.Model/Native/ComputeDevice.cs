using System.Globalization;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>The device that a process computes on, tried and set up before anything is placed there.</summary>
public static partial class ComputeDevice
{
    private const string Gpu = "cuda:";

    private const string NoGpu =
        "libtorch finds no GPU; see whether `nvidia-smi` does, and whether the driver is new enough for this libtorch.";

    private const string ProcessorsAlone =
        "this libtorch computes on processors alone; build with `dotnet build -p:Accelerator=cuda`, or give the folder of another with "
        + "--libtorch.";

    /// <param name="name">As in <c>cpu</c> or <c>cuda:0</c>.</param>
    /// <exception cref="BadInputException">There is no such device, or this libtorch cannot use it.</exception>
    public static Device Open(string name)
    {
        if (name == "cpu")
            return CPU;
        int index = IndexOf(name);
        Float32Kernels.KeepAllBits();
        // Asked of the library itself: TorchSharp would look for another build of it first.
        if (!THSTorchCuda_is_available())
            throw new BadInputException($"{name} cannot be used: {(LibTorch.HasCuda ? NoGpu : ProcessorsAlone)}");
        CheckIndex(name, index, THSTorchCuda_device_count());
        return device(name);
    }

    /// <param name="count">GPUs that libtorch finds, at least one.</param>
    /// <exception cref="BadInputException">There are fewer.</exception>
    internal static void CheckIndex(string name, int index, int count)
    {
        if (index >= count)
            throw new BadInputException($"{name} cannot be used: libtorch finds {(count == 1 ? "one GPU" : $"{count} GPUs")}.");
    }

    private static int IndexOf(string name)
    {
        string number = name.StartsWith(Gpu, StringComparison.Ordinal) ? name[Gpu.Length..] : "";
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : throw new BadInputException($"The device '{name}' is not known; use cpu, or a GPU as in cuda:0.");
    }

    [LibraryImport("LibTorchSharp")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool THSTorchCuda_is_available();

    [LibraryImport("LibTorchSharp")]
    private static partial int THSTorchCuda_device_count();
}
