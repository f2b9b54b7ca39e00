using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Commands;

/// <summary>The secrets of a whole run are where they have to be, and nowhere else.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SecretsTests(ClusterData data)
{
    [Fact]
    public async Task Run_WithTokensAndReplicas_LeavesNoSecretBehind()
    {
        var spec = data.Spec("samples=2560");
        var directory = new RunDirectory(spec.RunDirectory);
        var seen = Directory.CreateDirectory(data.Path("seen"));
        List<byte[]> secrets;
        string log;
        await using (var cluster = await LiveCluster.StartApartAsync())
        {
            using var channel = cluster.Open();
            var made = await new AdminService.AdminServiceClient(channel).CreateTokenAsync(
                new CreateTokenRequest { Role = Role.Host, Owner = "rack 7", Host = "a" });
            await cluster.AddHostAsync("a", slots: 2, Program(seen.FullName));
            string runId = await cluster.SubmitAsync(spec, replicas: 2);
            await LiveCluster.UntilStepAsync(directory, 3);

            string[] replicas =
                [.. seen.GetFiles().Select(file => (string)JsonNode.Parse(File.ReadAllText(file.FullName))!["secret"]!)];
            Assert.Equal(2, replicas.Distinct().Count(secret => secret.Length == 44));
            secrets =
            [
                .. ((string[])[SecretFile.TryRead(cluster.TokenFile)!, made.Text, .. replicas]).Select(Encoding.ASCII.GetBytes),
                .. replicas.Select(Convert.FromBase64String),
            ];
            Assert.Contains(Processes(), read => read.Text.AsSpan().IndexOf("clipd-replica"u8) >= 0); // they are looked at
            AssertNone(secrets, Processes());
            Assert.Equal(RunState.Succeeded, (await cluster.FinishAsync(runId, directory)).State);

            string state = Path.GetDirectoryName(cluster.TokenFile)!;
            AssertNone(secrets, Files(state).Where(file => file.Name != cluster.TokenFile));
            log = cluster.Log.Text;
        }
        AssertNone(secrets, Files(directory.Root).Append(("the log", Encoding.UTF8.GetBytes(log))));
    }

    /// <summary>Starts clipd-replica, and keeps what it is asked, which it reads from its standard input.</summary>
    private string Program(string seen)
    {
        string program = data.Path("clipd-replica-that-is-read");
        File.WriteAllText(program, $$"""
            #!/bin/sh
            read -r request
            printf '%s\n' "$request" > {{seen}}/$$
            { printf '%s\n' "$request"; exec cat; } | exec {{LiveCluster.ReplicaProgram}} "$@"
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return program;
    }

    /// <summary>What ps shows of all processes, and their environments.</summary>
    private static IEnumerable<(string Name, byte[] Text)> Processes()
    {
        foreach (string process in Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            foreach (string name in (string[])["cmdline", "environ"])
            {
                byte[] text;
                try
                {
                    text = File.ReadAllBytes(Path.Combine(process, name));
                }
                catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
                {
                    continue;
                }
                yield return ($"{process}/{name}", text);
            }
        }
    }

    /// <summary>But for those that are locks, which hold nothing.</summary>
    private static IEnumerable<(string Name, byte[] Text)> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != ".lock").Select(file => (file, File.ReadAllBytes(file)));

    private static void AssertNone(List<byte[]> secrets, IEnumerable<(string Name, byte[] Text)> places)
    {
        var all = places.ToList();
        Assert.NotEmpty(all);
        Assert.Empty(all.Where(place => secrets.Exists(secret => place.Text.AsSpan().IndexOf(secret) >= 0)).Select(place => place.Name));
    }}
