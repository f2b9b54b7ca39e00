namespace ClipDistributed.Cli.Terminals;

/// <summary>Command lines below the help of a command, for those who meet it for the first time. No line is longer than 60
/// columns.</summary>
internal static class HelpExamples
{
    private static readonly Dictionary<string, string[]> Lines = new(StringComparer.Ordinal)
    {
        ["data pack"] =
        [
            "clipd data pack photos --out shards",
            "clipd data pack photos --out shards --captions list.csv",
        ],
        ["data inspect"] = ["clipd data inspect shards --out sheet.png"],
        ["spec check"] = ["clipd spec check spec.yaml --data"],
        ["spec explain"] = ["clipd spec explain batch.global", "clipd spec explain optimizer"],
        ["train"] =
        [
            "clipd train spec.yaml",
            "clipd train spec.yaml --set optimizer.lr=0.0005",
            "clipd train spec.yaml --resume",
        ],
        ["eval zeroshot"] =
        [
            "clipd eval zeroshot --model MODEL --data shards \\",
            "    --classes classes.txt --templates templates.txt",
        ],
        ["eval retrieval"] = ["clipd eval retrieval --model MODEL --data shards"],
        ["classify"] =
        [
            "clipd classify cat.jpg --model MODEL --labels \"cat,dog\"",
            "clipd classify photos --model MODEL --labels @labels.txt",
        ],
        ["embed"] =
        [
            "clipd embed --model MODEL --images photos \\",
            "    --out photos.parquet",
        ],
        ["run try"] =
        [
            "clipd run try demo-1 --image cat.jpg --labels \"cat,dog\"",
            "clipd run try demo-1 --caption cat --caption dog",
        ],
        ["coordinator"] =
        [
            "clipd coordinator --listen 127.0.0.1:7071",
            "clipd worker --coordinator 127.0.0.1:7071",
            "clipd submit spec.yaml --watch",
            "clipd coordinator --listen 10.0.0.1:7071 \\",
            "    --cert certs/server.pem --key certs/server.key",
        ],
        ["certs init"] = ["clipd certs init certs --name 10.0.0.1"],
        ["worker"] =
        [
            "clipd worker --slots 2 --ca ca.pem \\",
            "    --coordinator https://10.0.0.1:7071",
        ],
        ["submit"] =
        [
            "clipd submit spec.yaml --watch",
            "clipd submit spec.yaml --validate-only",
            "clipd submit spec.yaml --ca ca.pem \\",
            "    --coordinator https://10.0.0.1:7071",
            "clipd submit spec.yaml --resume",
            "clipd submit --from demo-1@1200 --set optimizer.lr=1e-4 \\",
            "    --set run_directory=runs/lower",
        ],
    };

    /// <param name="command">As in <c>data pack</c>.</param>
    public static IReadOnlyList<string> Of(string command) => Lines.GetValueOrDefault(command, []);
}
