using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Model.Native;

/// <summary>
/// A folder of libtorch's libraries, looked at before any of them is loaded: one that does not fit is found as soon as it is loaded
/// only by luck, and often ends the process.
/// </summary>
public sealed class LibTorchFolder
{
    private const string Processors = "libtorch_cpu.so", Gpus = "libtorch_cuda.so";

    // In the order in which they depend on each other; those that a CPU build lacks are skipped.
    private static readonly string[] Names = ["libgomp.so.1", "libc10.so", Processors, "libc10_cuda.so", Gpus, "libtorch.so"];

    private LibTorchFolder(string path) => Path = path;

    /// <summary>TorchSharp's own library, which calls libtorch.</summary>
    public static string TorchSharp { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    public string Path { get; }

    /// <summary>It computes on GPUs, where there are any.</summary>
    public bool HasCuda => File.Exists(In(Gpus));

    /// <summary>The paths of its libraries, in the order in which they are to be loaded.</summary>
    internal IEnumerable<string> Libraries => Names.Select(In).Where(File.Exists);

    /// <summary>Of <see cref="Libraries"/>, the one that computes on processors and dispatches operators.</summary>
    internal string Dispatcher => In(Processors);

    /// <param name="folder">For example <c>torch/lib</c> of a PyTorch installation; null: the one that was built with this
    /// program.</param>
    /// <exception cref="BadInputException">There is no libtorch.</exception>
    public static LibTorchFolder Open(string? folder)
    {
        string path = folder is null
            ? System.IO.Path.Combine(AppContext.BaseDirectory, ReplicaProgram.LibTorchFolder)
            : System.IO.Path.GetFullPath(folder);
        var opened = new LibTorchFolder(path);
        return File.Exists(opened.Dispatcher)
            ? opened
            : throw new BadInputException(
                $"{path} has no {Processors}. "
                    + (
                        folder is null
                            ? "Build again with `make build`, or name the folder of a libtorch 2.10 with --libtorch."
                            : "Give the folder `lib` of libtorch, or `torch/lib` of a PyTorch installation."
                    )
            );
    }

    /// <returns>As the folder states it, for example <c>2.10.0+cpu</c>; null: it does not.</returns>
    public string? FindVersion()
    {
        // Archives of libtorch have the file beside lib/, PyTorch a line of Python beside torch/lib.
        if (new[] { In("build-version"), In("../build-version") }.FirstOrDefault(File.Exists) is { } stated)
            return File.ReadLines(stated).FirstOrDefault()?.Trim();
        string module = In("../version.py");
        return File.Exists(module)
            ? File.ReadLines(module)
                .Where(line => line.StartsWith("__version__ = ", StringComparison.Ordinal))
                .Select(line => line.Split('\'').ElementAtOrDefault(1))
                .FirstOrDefault()
            : null;
    }

    /// <returns>What TorchSharp's library needs and none of these libraries defines, in ordinal order.</returns>
    /// <exception cref="BadInputException">One of them is not a library.</exception>
    public IReadOnlyList<string> FindMissingSymbols()
    {
        var missing = Read(TorchSharp).Needed();
        foreach (string library in Libraries)
        {
            if (missing.Count == 0)
                break;
            Read(library).RemoveDefined(missing);
        }
        return [.. missing.Order(StringComparer.Ordinal)];
    }

    /// <exception cref="BadInputException">TorchSharp could not run with it.</exception>
    internal void Check()
    {
        var missing = FindMissingSymbols();
        if (missing.Count == 0)
            return;
        string what = FindVersion() is { } version ? $"libtorch {version}" : "its libtorch";
        throw new BadInputException(
            $"{Path} cannot be used: {what} lacks {Counted.Of(missing.Count, "symbol")} that TorchSharp needs, such as {missing[0]}. "
                + "Give the folder of a libtorch 2.10, or leave --libtorch out for the one of the build."
        );
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static DynamicSymbols Read(string path)
    {
        try
        {
            return DynamicSymbols.Read(path);
        }
        catch (InvalidDataException damaged)
        {
            throw new BadInputException($"{path} {damaged.Message}. Give the folder of a libtorch 2.10, for x86-64, with --libtorch.");
        }
    }
}
