using System.CommandLine;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd token create</c></summary>
internal static class TokenCreateCommand
{
    private static readonly Dictionary<string, Role> Roles = new(StringComparer.Ordinal)
    {
        ["viewer"] = Role.Viewer, ["operator"] = Role.Operator, ["admin"] = Role.Admin, ["host"] = Role.Host,
    };

    public static Command Create()
    {
        var role = new Option<string>("--role")
        {
            Description = "viewer: reads; operator: submits and steers runs, drains hosts too; admin: makes tokens too; host: is for a "
                + "worker host.",
            Required = true,
            HelpName = string.Join('|', Roles.Keys),
        }.AsOneOf([.. Roles.Keys]);
        var owner = new Option<string>("--owner")
        {
            Description = "Who has it, as events and the audit name them: a person or a program, such as ann or grafana.",
            Required = true,
            HelpName = "name",
        };
        var host = new Option<string?>("--host") { Description = "With --role host: the name of the worker host.", HelpName = "name" };
        var run = new Option<string?>("--run")
        {
            Description = "With --role viewer or operator: it is for calls about this run alone.",
            HelpName = "id",
        };
        var expires = new Option<string?>("--expires")
        {
            Description = $"After so long it is not valid any more, as in {ShortTime.Form}. [default: never]",
            HelpName = "time",
        };
        var output = new Option<string?>("--out")
        {
            Description = "Writes it to this file, which its owner alone reads, instead of showing it. It is not shown again.",
            HelpName = "file",
        }.AsOptionalPath();
        var force = new Option<bool>("--force") { Description = "Replaces the file of --out where there is one." };
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("create", "Makes a token for a user, a program or a worker host, and shows it once.")
        {
            role, owner, host, run, expires, output, force, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var request = new CreateTokenRequest
            {
                Role = Roles[result.GetRequiredValue(role)],
                Owner = result.GetRequiredValue(owner),
                Host = result.GetValue(host) ?? "",
                RunId = result.GetValue(run) ?? "",
                Expires = Expiry(result.GetValue(expires), DateTimeOffset.UtcNow),
            };
            string? file = result.GetValue(output) is { } path ? Path.GetFullPath(path) : null;
            if (file is not null)
                CheckFile(file, mayReplace: result.GetValue(force)); // first: else there would be a token that no file holds
            using var client = coordinator.Connect(result);
            var made = await client.CallAsync(
                calls => new AdminService.AdminServiceClient(calls).CreateTokenAsync(request), cancel, repeatable: false);
            if (file is null)
            {
                Console.WriteLine(made.Text);
                return;
            }
            SecretFile.Write(file, made.Text);
            Console.WriteLine($"token {made.Token.TokenId} of {made.Token.Owner}, {TokenListing.Describe(made.Token)}, is in {file}");
        });
        return command;
    }

    /// <exception cref="BadInputException">It cannot be made, or would replace another one.</exception>
    private static void CheckFile(string file, bool mayReplace)
    {
        if (Path.GetDirectoryName(file) is { } folder && !Directory.Exists(folder))
            throw new BadInputException($"--out is {file}, the folder of which is not there; make it, or name another file.");
        var kind = FileKinds.Of(file);
        if (kind == FileKind.Folder)
            throw new BadInputException($"--out is {file}, which is a folder; name a file in it.");
        if (kind != FileKind.Missing && !mayReplace)
            throw new BadInputException(
                $"--out is {file}, which is there already, and may hold a token that is in use; name another file, or replace it with "
                    + "--force.");
    }

    /// <returns>Null: never.</returns>
    /// <exception cref="BadInputException">It is no time.</exception>
    internal static Timestamp? Expiry(string? given, DateTimeOffset now)
    {
        if (given is null)
            return null;
        return ShortTime.Parse(given) is { } span && span > TimeSpan.Zero
            ? (now + span).ToTimestamp()
            : throw new BadInputException($"--expires is '{given}'; use a time of up to ten years, as in {ShortTime.Form}.");
    }
}
