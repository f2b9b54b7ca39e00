using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Cuda;

/// <summary>Finds a library that may have one of several names, and addresses of its functions.</summary>
internal sealed class NativeTable
{
    private readonly nint library;

    /// <param name="configured">The only candidate, if there is one.</param>
    /// <param name="symbol">A function that this library has and others of its name lack.</param>
    /// <exception cref="BadInputException">None can be loaded; the message lists the tried ones and the package to install.</exception>
    public NativeTable(string what, string? configured, IEnumerable<string> candidates, string symbol, string remedy)
    {
        string[] names = configured is null ? [.. candidates] : [configured];
        foreach (string name in names)
        {
            Path = name;
            if (NativeLibrary.TryLoad(name, out library) && NativeLibrary.TryGetExport(library, symbol, out _))
                return;
        }
        throw new BadInputException($"{what} cannot be loaded: none of {string.Join(", ", names)} is there with {symbol}; {remedy}.");
    }

    /// <summary>Of the library, or its name where the system found it.</summary>
    public string Path { get; } = "";

    public nint this[string function] => NativeLibrary.GetExport(library, function);
}
