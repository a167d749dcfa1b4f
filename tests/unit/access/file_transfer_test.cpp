#include "bastion/access/file_transfer.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::access {
namespace {

using connection::SessionStart;

std::string transfer_of(std::string_view command) {
  switch (file_transfer_of(SessionStart{.kind = SessionStart::Kind::command, .words = std::string(command)})) {
    case FileTransfer::none: return "none";
    case FileTransfer::sftp: return "sftp";
    case FileTransfer::read: return "read";
    case FileTransfer::write: return "write";
    case FileTransfer::both: return "both";
  }
  return {};
}

}  // namespace

TEST_CASE("commands that clients give to carry files are told from others") {
  CHECK(transfer_of("scp -f /etc/hosts") == "read");
  CHECK(transfer_of("scp -r -p -d -t -- /tmp") == "write");
  CHECK(transfer_of("/usr/bin/scp -pt file") == "write");
  CHECK(transfer_of("scp -v -f 'a file'") == "read");
  CHECK(transfer_of("'scp' -t x") == "write");
  CHECK(transfer_of("scp a b:c") == "none");
  CHECK(transfer_of("scp -o ProxyJump=x -t") == "write");
  CHECK(transfer_of("scp -oProxyJump=t -f x") == "read");
  CHECK(transfer_of("scp -l 100 -rf x") == "read");
  CHECK(transfer_of("scp -P t -i f x y:") == "none");
  CHECK(transfer_of("scp -- -t x") == "none");
  CHECK(transfer_of("scp -t -f x") == "both");
  CHECK(transfer_of("rsync --server --sender -logDtpre.iLsfxCIvu . dir/") == "read");
  CHECK(transfer_of("rsync --server -logDtpre.iLsfxCIvu . dir/") == "write");
  CHECK(transfer_of("sudo -n rsync --server -e.LsfxC . /srv") == "write");
  CHECK(transfer_of("rsync -a dir other:") == "none");
  CHECK(transfer_of("rsync --server --daemon .") == "both");
  CHECK(transfer_of("rsync --server --sender -logDtpre.iLsfxCIvu --remove-source-files . dir/") == "both");
  CHECK(transfer_of("rsync --server --sender --log-file=/root/.ssh/rc -e.LsfxC . dir/") == "both");
  CHECK(transfer_of("sudo -u www rsync --server --sender -e.LsfxC . /srv") == "read");
  CHECK(transfer_of("nice -n 10 scp -t x") == "write");
  CHECK(transfer_of("sudo su -c /usr/libexec/openssh/sftp-server") == "sftp");
  CHECK(transfer_of("sh -c 'exec /usr/lib/openssh/sftp-server'") == "sftp");
  CHECK(transfer_of("if true; then scp -f x; fi") == "read");
  CHECK(transfer_of("echo `scp -f x`") == "read");
  CHECK(transfer_of("/usr/lib/openssh/sftp-server -e") == "sftp");
  CHECK(transfer_of("internal-sftp") == "sftp");
  CHECK(transfer_of("test -x /usr/lib/sftp-server && exec /usr/lib/sftp-server\nexec sftp-server") == "sftp");
  CHECK(transfer_of("LANG=C exec sftp-server") == "sftp");
  CHECK(transfer_of("ls -l /usr/lib/openssh/sftp-server") == "none");
  CHECK(transfer_of("grep scp -f words") == "none");
  CHECK(transfer_of("") == "none");
  CHECK(transfer_of(";;&&||()'\"") == "none");
  CHECK(transfer_of("scp") == "none");
  CHECK(transfer_of("scp -") == "none");
}

TEST_CASE("what is only named in a command carries no files") {
  CHECK(transfer_of("sh -c 'echo scp -t'") == "none");
  CHECK(transfer_of("git commit -m 'is checked; scp -t x'") == "none");
  CHECK(transfer_of("echo \"it said: scp -f x\" | mail -s '(rsync --server)' root") == "none");
  CHECK(transfer_of("sudo grep scp -f words") == "none");
  CHECK(transfer_of("sudo -u www grep rsync --server") == "none");
  CHECK(transfer_of("bash check.sh scp -t x") == "none");
  CHECK(transfer_of("if [ -f scp ]; then echo scp -f; fi") == "none");
  CHECK(transfer_of("echo \\; scp\\ -t x") == "none");
  CHECK(transfer_of("tar cf - . | ssh other tar xf -") == "none");
  CHECK(transfer_of("echo '$(scp -f x)'") == "none");
}

TEST_CASE("what a command has another shell or another user run carries files all the same") {
  CHECK(transfer_of("sudo su www -c 'cd /srv && rsync --server --sender -e.LsfxC . .'") == "read");
  CHECK(transfer_of("sudo sh -c \"bash -c 'exec scp -t x'\"") == "write");
  CHECK(transfer_of("sh -c 'LANG=C scp -t x'") == "write");
  CHECK(transfer_of("sh -c 'x=1; exec scp -t x'") == "write");
  CHECK(transfer_of("timeout 10 scp -t x") == "write");
  CHECK(transfer_of("sudo -u www -g web scp -t x") == "write");
  CHECK(transfer_of("env -u HOME LANG=C scp -f x") == "read");
  CHECK(transfer_of("echo \"$(date)\"; scp -t x") == "write");
  CHECK(transfer_of("echo \"now: $(scp -f x)\"") == "read");
  CHECK(transfer_of("echo \"`scp -f x`\"") == "read");
  CHECK(transfer_of("sc''p -t x") == "write");
  CHECK(transfer_of("\\scp -t 'x") == "write");
  CHECK(transfer_of("ls;scp -t x") == "write");
  CHECK(transfer_of("ls &&\\\n scp -t x") == "write");
}

TEST_CASE("a command is read only so far, however deep its programs stand in it") {
  const auto in_quotes = [](std::string_view command, int times) {
    std::string line(command);
    for (int i = 0; i < times; ++i) {
      std::string quoted;
      for (const char c : line) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      line = "sh -c \"" + quoted + "\"";
    }
    return line;
  };
  CHECK(transfer_of(in_quotes("scp -t x", 4)) == "write");
  CHECK(transfer_of(in_quotes("scp -t x", 6)) == "none");
  const auto behind_values = [](int values) {
    std::string line = "sudo";
    for (int i = 0; i < values; ++i) line += " -x y";
    return line + " scp -t x";
  };
  CHECK(transfer_of(behind_values(15)) == "write");
  CHECK(transfer_of(behind_values(20)) == "none");
  CHECK(transfer_of(std::string(100'000, '"')) == "none");
  CHECK(transfer_of("eval " + std::string(100'000, '(')) == "none");
}

TEST_CASE("a subsystem is the one of SFTP by its name, and a shell carries no files") {
  CHECK(file_transfer_of(SessionStart{.kind = SessionStart::Kind::subsystem, .words = "sftp"}) == FileTransfer::sftp);
  CHECK(file_transfer_of(SessionStart{.kind = SessionStart::Kind::subsystem, .words = "netconf"}) ==
        FileTransfer::none);
  CHECK(file_transfer_of(SessionStart{}) == FileTransfer::none);
}

TEST_CASE("each way of carrying files is allowed by its own half") {
  constexpr SftpAccess kAll{};
  constexpr SftpAccess kRead{.read = true, .write = false};
  constexpr SftpAccess kWrite{.read = false, .write = true};
  constexpr SftpAccess kNone{.read = false, .write = false};
  for (const auto transfer : {FileTransfer::none, FileTransfer::sftp, FileTransfer::read, FileTransfer::write}) {
    CHECK_FALSE(objection(kAll, transfer));
  }
  CHECK_FALSE(objection(kNone, FileTransfer::none));
  CHECK_FALSE(objection(kAll, FileTransfer::both));
  CHECK(objection(kWrite, FileTransfer::both) ==
        "a copy that may change files of both sides is disabled for you (sftp=write)");
  CHECK(objection(kRead, FileTransfer::both));
  CHECK(objection(kNone, FileTransfer::sftp) == "file transfer is disabled for you (sftp=none)");
  CHECK_FALSE(objection(kRead, FileTransfer::sftp));
  CHECK_FALSE(objection(kRead, FileTransfer::read));
  CHECK(objection(kRead, FileTransfer::write) == "copying files into the container is disabled for you (sftp=read)");
  CHECK_FALSE(objection(kWrite, FileTransfer::write));
  CHECK(objection(kWrite, FileTransfer::read) == "copying files out of the container is disabled for you (sftp=write)");
}

TEST_CASE("what both allow is what each allows, and the words are those that are written") {
  for (const auto one : kSftpWords) {
    CHECK(text_of(*sftp_access_of(one)) == one);
    CHECK(both(*sftp_access_of(one), SftpAccess{}) == *sftp_access_of(one));
    CHECK(both(*sftp_access_of(one), *sftp_access_of("none")).is_none());
  }
  CHECK(both(*sftp_access_of("read"), *sftp_access_of("write")).is_none());
  CHECK_FALSE(sftp_access_of("READ"));
  CHECK_FALSE(sftp_access_of(""));
}

}  // namespace bastion::access
