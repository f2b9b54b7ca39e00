using System.Diagnostics;
using System.Globalization;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>The processes that a process has started, and those that they have, from /proc.</summary>
internal static class ProcessTree
{
    /// <summary>Name and id of each.</summary>
    public static IReadOnlyList<(string Name, int Id)> Descendants(int process)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => Read(int.Parse(name!, CultureInfo.InvariantCulture))).OfType<(string Name, int Id, int Parent)>().ToList();
        var found = new List<(string Name, int Id)>();
        var parents = new Queue<int>([process]);
        while (parents.TryDequeue(out int parent))
        {
            foreach (var (name, id, _) in all.Where(child => child.Parent == parent))
            {
                found.Add((name, id));
                parents.Enqueue(id);
            }
        }
        return found;
    }

    /// <summary>Waits until a process of this id has ended.</summary>
    public static void AssertEnds((string Name, int Id) ended)
    {
        try
        {
            using var process = Process.GetProcessById(ended.Id);
            Assert.True(process.WaitForExit(LiveCluster.Patience), $"{ended.Name} ({ended.Id}) still runs");
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }

    private static (string Name, int Id, int Parent)? Read(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            int end = stat.LastIndexOf(')'); // the name may hold spaces and brackets
            string name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end];
            return (name, id, int.Parse(stat[(end + 2)..].Split(' ')[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null; // it ended meanwhile
        }
    }
}
