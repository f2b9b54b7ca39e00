using System.Reflection;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>Loads libtorch once, before the first tensor; a failure names what is missing.</summary>
public static class LibTorch
{
    // In the order in which they depend on each other; those that a CPU build lacks are skipped.
    private static readonly string[] Libraries =
        ["libgomp.so.1", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>The libtorch that was loaded computes on GPUs, where there are any.</summary>
    public static bool HasCuda { get; private set; }

    /// <param name="folder">A folder of libtorch libraries (<c>torch/lib</c> of a PyTorch installation); null: the one beside this
    /// program.</param>
    /// <param name="threads">Threads of one operator; every process would take all cores otherwise.</param>
    /// <exception cref="BadInputException">The library cannot be loaded.</exception>
    public static void Load(string? folder, int threads)
    {
        string from = folder ?? AppContext.BaseDirectory;
        if (!File.Exists(Path.Combine(from, "libtorch_cpu.so")))
            throw new BadInputException(
                $"{from} has no libtorch_cpu.so. "
                    + (
                        folder is null
                            ? "Build again with `make build`, or name the folder of a libtorch 2.10 with --libtorch."
                            : "Give the folder `lib` of libtorch, or `torch/lib` of a PyTorch installation."
                    )
            );
        try
        {
            MklKernels.Choose();
            // All is loaded here by its path: left to itself TorchSharp would copy half a gigabyte out of the package cache.
            foreach (string path in Libraries.Select(name => Path.Combine(from, name)).Where(File.Exists))
                NativeLibrary.Load(path);
            HasCuda = File.Exists(Path.Combine(from, "libtorch_cuda.so"));
            LeaveOutNnpack(NativeLibrary.Load(Path.Combine(from, "libtorch_cpu.so")));
            ScalarLifetimes.Extend(NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, DllImportSearchPath.AssemblyDirectory));
            set_num_threads(threads);
            // A whole operator, so that a library that loads but does not fit is found here.
            using var one = ones(2).sum();
        }
        catch (Exception failed) when (Root(failed) is DllNotFoundException or EntryPointNotFoundException or NotSupportedException)
        {
            string reason = Root(failed).Message.ReplaceLineEndings(" ").Trim();
            throw new BadInputException(
                $"libtorch could not be loaded from {from}: {reason} Give the folder of another libtorch 2.10 "
                    + $"with --libtorch, or build again with `make build`."
            );
        }
    }

    /// <summary>
    /// NNPACK cannot start on many processors, and libtorch then reports it on stderr at every convolution that it would have
    /// given it (few images, one thread). Without it libtorch's own kernel computes them, on all processors alike.
    /// </summary>
    private static unsafe void LeaveOutNnpack(nint libtorch)
    {
        // at::globalContext().setUserEnabledNNPACK(false), for which TorchSharp has no name; another libtorch may not have it.
        if (NativeLibrary.TryGetExport(libtorch, "_ZN2at13globalContextEv", out nint context)
            && NativeLibrary.TryGetExport(libtorch, "_ZN2at7Context20setUserEnabledNNPACKEb", out nint enable))
            ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
    }

    private static Exception Root(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner
            ? Root(inner)
            : exception;
}
