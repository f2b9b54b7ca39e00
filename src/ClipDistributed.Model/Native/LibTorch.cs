using System.Reflection;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>Loads libtorch once, before the first tensor, and says what is missing where that fails.</summary>
public static class LibTorch
{
    // In the order in which they depend on each other; those that a CPU build lacks are skipped.
    private static readonly string[] Libraries =
        ["libgomp.so.1", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <param name="folder">A folder of libtorch libraries (<c>torch/lib</c> of a PyTorch installation); null: the one beside this program.</param>
    /// <param name="threads">Threads of one operator; every process would take all cores otherwise.</param>
    /// <exception cref="BadInputException">The library cannot be loaded.</exception>
    public static void Load(string? folder, int threads)
    {
        try
        {
            if (folder is not null)
                Preload(folder);
            set_num_threads(threads);
            // A whole operator, so that a library that loads but does not fit is found here.
            using var one = ones(2).sum();
        }
        catch (Exception failed) when (Root(failed) is DllNotFoundException or EntryPointNotFoundException or NotSupportedException or FileNotFoundException)
        {
            throw new BadInputException(
                $"libtorch could not be loaded from {folder ?? AppContext.BaseDirectory}: {Root(failed).Message} "
                + "Build again with `make build`, or give the folder of a libtorch 2.10 with --libtorch DIR.");
        }
    }

    private static void Preload(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
            throw new BadInputException($"--libtorch {folder}: there is no libtorch_cpu.so in it; give the folder `lib` of libtorch or `torch/lib` of a PyTorch installation.");
        foreach (string path in Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            NativeLibrary.Load(path);
        // TorchSharp asks for its own library by name; what that one needs is already in the process under its soname.
        NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, DllImportSearchPath.AssemblyDirectory);
    }

    private static Exception Root(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner ? Root(inner) : exception;
}
