using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Tests.Places;

/// <summary>The files of a machine with NUMA nodes.</summary>
internal sealed class SimulatedNodes : IDisposable
{
    private readonly TemporaryFolder root = new();

    public NumaNodes Nodes => new(root.Path);

    /// <summary>A device of a node.</summary>
    /// <param name="processors">Null: the node has no such file.</param>
    public void Add(string busId, int node, string? processors)
    {
        Write(Path.Combine("sys/bus/pci/devices", busId, "numa_node"), $"{node}\n");
        if (processors is not null)
            Write($"sys/devices/system/node/node{node}/cpulist", $"{processors}\n");
    }

    public void Dispose() => root.Dispose();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root.File(name))!);
        File.WriteAllText(root.File(name), text);
    }
}
