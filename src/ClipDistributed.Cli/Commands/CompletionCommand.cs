using System.CommandLine;
using ClipDistributed.Cli.Completion;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd completion</c></summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var command = new Command("completion", "Prints a script by which a shell completes clipd's commands, options and their values.");
        command.Add(For("bash", "For bash; in ~/.bashrc: source <(clipd completion bash)", BashCompletion.Write));
        command.Add(For("zsh", "For zsh; in ~/.zshrc, after compinit: source <(clipd completion zsh)", ZshCompletion.Write));
        command.Add(For(
            "fish", "For fish; once: clipd completion fish > ~/.config/fish/completions/clipd.fish", FishCompletion.Write));
        return command;
    }

    private static Command For(string shell, string description, Func<IReadOnlyList<CommandWords>, string> write)
    {
        var command = new Command(shell, description);
        command.SetAction(result => Console.Write(write(CommandWords.Of(result.RootCommandResult.Command))));
        return command;
    }
}
