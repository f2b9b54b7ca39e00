using System.Globalization;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>Which processors are near a device: those of its NUMA node reach it, and the memory that it copies, without a detour.</summary>
/// <param name="root">Where <c>sys</c> is.</param>
internal sealed class NumaNodes(string root = "/")
{
    /// <param name="busId">As in <c>0000:3b:00.0</c>.</param>
    /// <returns>Null: the machine does not tell, as those with one node and virtual ones.</returns>
    public IReadOnlyList<int>? ProcessorsNear(string busId)
    {
        string? node = Read("sys/bus/pci/devices", busId, "numa_node"); // -1: of no node
        if (!int.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return null;
        return Read("sys/devices/system/node", $"node{number}", "cpulist") is { } list ? ProcessorList.Parse(list) : null;
    }

    private string? Read(string folder, string name, string file)
    {
        string path = Path.Combine(root, folder, name, file);
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
