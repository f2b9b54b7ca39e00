using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>A folder of the cluster is a small file system of its own, which another process fills.</summary>
/// <param name="place">The folder's name.</param>
internal sealed class FullDisk(string name, string place) : Outage(name)
{
    private const int Megabytes = 96;

    private string? mounted;
    private volatile bool isFull;
    private Thread? filler;

    public override string? Missing
    {
        get
        {
            string trial = Directory.CreateTempSubdirectory("chaos-trial-").FullName;
            string? denied = Shell.Try($"mount -t tmpfs -o size=1m tmpfs {trial}");
            if (denied is null)
                Shell.Run($"umount {trial}");
            Directory.Delete(trial);
            return denied is null ? null : $"a small file system cannot be made here ({denied})";
        }
    }

    public override bool HidesSteps => place == "runs";

    public override ClusterSettings Prepare(string folder)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder, place)).FullName;
        Shell.Run($"mount -t tmpfs -o size={Megabytes}m tmpfs {path}");
        mounted = path;
        return new ClusterSettings();
    }

    public override string? Incident => HidesSteps ? null : "store unavailable";

    public override string? Cause => HidesSteps ? "No space left on device" : null;

    public override void Begin(ChaosCluster cluster)
    {
        isFull = true;
        Fill();
        filler = new Thread(KeepFull) { IsBackground = true };
        filler.Start();
    }

    public override void End(ChaosCluster cluster)
    {
        isFull = false;
        filler!.Join();
        File.Delete(Filling);
    }

    public override void Dispose()
    {
        if (mounted is not null)
            Shell.Run($"umount {mounted}");
        mounted = null;
    }

    private string Filling => Path.Combine(mounted!, "filling");

    /// <summary>What the run frees is taken at once.</summary>
    private void KeepFull()
    {
        for (; isFull; Thread.Sleep(20))
            Fill();
    }

    private void Fill()
    {
        byte[] page = new byte[4096];
        using var file = new FileStream(Filling, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            while (true)
                file.Write(page);
        }
        catch (IOException)
        {
            // It is full.
        }
    }
}
