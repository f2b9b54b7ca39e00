using System.Diagnostics;

namespace ClipDistributed.Collectives.Tests;

/// <summary>Two network namespaces with a link between them that can be cut: packets vanish without an error.</summary>
internal sealed class CutNetwork : IDisposable
{
    private readonly string id = $"{Environment.ProcessId:x}";

    public CutNetwork()
    {
        Names = [$"clipd-{id}-a", $"clipd-{id}-b"];
        try
        {
            Assert.SkipUnless(
                Environment.UserName == "root"
                    && Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "ip"))),
                "network namespaces need root and iproute2"
            );
            foreach (string name in Names)
            {
                (int code, string error) = Run($"netns add {name}");
                Assert.SkipUnless(code == 0, $"network namespaces are not allowed here: {error}");
            }
            Ip($"link add clipd{id} netns {Names[0]} type veth peer name clipd{id} netns {Names[1]}");
            for (int i = 0; i < 2; i++)
            {
                Ip($"-n {Names[i]} addr add {Addresses[i]}/24 dev clipd{id}");
                Ip($"-n {Names[i]} link set clipd{id} up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string[] Names { get; }

    public string[] Addresses { get; } = ["10.213.7.1", "10.213.7.2"];

    public void Cut() => Ip($"-n {Names[1]} link set clipd{id} down");

    public void Restore() => Ip($"-n {Names[1]} link set clipd{id} up");

    public void Dispose()
    {
        foreach (string name in Names.Where(name => File.Exists($"/run/netns/{name}")))
            Ip($"netns del {name}");
    }

    private static void Ip(string arguments)
    {
        (int code, string error) = Run(arguments);
        Assert.True(code == 0, $"ip {arguments}: {error}");
    }

    private static (int Code, string Error) Run(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
