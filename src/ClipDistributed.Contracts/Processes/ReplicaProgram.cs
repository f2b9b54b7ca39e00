using System.Diagnostics;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Processes;

/// <summary>The program <c>clipd-replica</c>: where it is and how it is started.</summary>
public static class ReplicaProgram
{
    /// <summary>The folder beside the program with the libtorch it was built with. Not beside the program itself: a process that is given
    /// another libtorch would load both.</summary>
    public const string LibTorchFolder = "libtorch";

    /// <summary>Beside this program once published; in the sibling folder of a build.</summary>
    /// <exception cref="BadInputException">It is in neither place.</exception>
    public static string Find()
    {
        string[] places =
        [
            Path.Combine(AppContext.BaseDirectory, "clipd-replica"),
            Path.Combine(AppContext.BaseDirectory, "..", "clipd-replica", "clipd-replica"),
        ];
        return places.FirstOrDefault(File.Exists)
            ?? throw new BadInputException(
                "clipd-replica is not beside clipd (looked for "
                    + $"{string.Join(" and ", places.Select(Path.GetFullPath))}); build with `make build`."
            );
    }

    /// <summary>
    /// Its input and output are the caller's, its errors and environment are inherited; see <see cref="MemoryReuse"/> and
    /// <see cref="ThreadWaiting"/>.
    /// </summary>
    /// <param name="device">As the process names it: `cpu`, or a GPU as in `cuda:0`.</param>
    /// <param name="threads">Threads of one tensor operator.</param>
    /// <param name="libTorch">A folder of libtorch libraries; null: <see cref="LibTorchFolder"/>.</param>
    /// <param name="name">What ps shows it by: its id, or what it is for. Nothing secret.</param>
    /// <param name="memory">MiB that training may plan with; null: what the host has available.</param>
    public static ProcessStartInfo Start(string program, string device, int threads, string? libTorch, long? memory, string name)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("--device");
        start.ArgumentList.Add(device);
        start.ArgumentList.Add("--threads");
        start.ArgumentList.Add($"{threads}");
        if (libTorch is not null)
        {
            start.ArgumentList.Add("--libtorch");
            start.ArgumentList.Add(libTorch);
        }
        if (memory is not null)
        {
            start.ArgumentList.Add("--memory");
            start.ArgumentList.Add($"{memory}");
        }
        start.ArgumentList.Add("--name");
        start.ArgumentList.Add(name);
        MemoryReuse.Apply(start);
        ThreadWaiting.Apply(start);
        return start;
    }
}
