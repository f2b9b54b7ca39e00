using System.Reflection;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>Loads libtorch once, before the first tensor; a failure names what is missing.</summary>
public static class LibTorch
{
    /// <summary>The libtorch that was loaded computes on GPUs, where there are any.</summary>
    public static bool HasCuda { get; private set; }

    /// <param name="folder">A folder of libtorch libraries (<c>torch/lib</c> of a PyTorch installation); null: the one that was built
    /// with this program.</param>
    /// <param name="threads">Threads of one operator; every process would take all cores otherwise.</param>
    /// <exception cref="BadInputException">The library cannot be loaded.</exception>
    public static void Load(string? folder, int threads)
    {
        var from = LibTorchFolder.Open(folder);
        if (folder is not null)
            from.Check();
        try
        {
            MklKernels.Choose();
            // All is loaded here by its path. TorchSharp, which would look for it elsewhere or copy half a gigabyte out of the package
            // cache, asks the dynamic linker by names, which it knows by now.
            foreach (string path in from.Libraries)
                NativeLibrary.Load(path);
            HasCuda = from.HasCuda;
            LeaveOutNnpack(NativeLibrary.Load(from.Dispatcher));
            ScalarLifetimes.Extend(NativeLibrary.Load(LibTorchFolder.TorchSharp));
            set_num_threads(threads);
            // A whole operator, so that a library that loads but does not fit is found here.
            using var one = ones(2).sum();
            MklKernels.FindVectorKernels();
        }
        catch (Exception failed) when (Root(failed) is DllNotFoundException or EntryPointNotFoundException or NotSupportedException)
        {
            string reason = Root(failed).Message.ReplaceLineEndings(" ").Trim();
            throw new BadInputException(
                $"libtorch could not be loaded from {from.Path}: {reason} Give the folder of another libtorch 2.10 "
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
