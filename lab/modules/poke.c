// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain loads and stores of kernel memory, by writing to /proc/poke:
 *
 *	r ADDR LEN [TIMES]	load LEN (1, 2, 4, 8) bytes at ADDR
 *	w ADDR LEN VALUE	store them
 *	lock ADDR		compare and exchange 4 bytes with the LOCK prefix, as
 *				a spinlock is taken; the value does not change
 *	word			give the address of 8 bytes of this module, for tests
 *
 * ADDR and VALUE are hexadecimal, TIMES is decimal. A read of /proc/poke gives, in hex, the
 * value that was loaded or stored last, or the address. One access is one instruction, in
 * poke_read(), poke_write() or poke_lock(), so that stacks name it. Addresses are not
 * checked: a bad address is an oops.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static u64 word = 0x1122334455667788;
static u64 last;

static noinline __noclone u64 poke_read(const void *addr, unsigned int len)
{
	switch (len) {
	case 1:
		return READ_ONCE(*(const u8 *)addr);
	case 2:
		return READ_ONCE(*(const u16 *)addr);
	case 4:
		return READ_ONCE(*(const u32 *)addr);
	default:
		return READ_ONCE(*(const u64 *)addr);
	}
}

static noinline __noclone void poke_write(void *addr, unsigned int len, u64 value)
{
	switch (len) {
	case 1:
		WRITE_ONCE(*(u8 *)addr, value);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)addr, value);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)addr, value);
		break;
	default:
		WRITE_ONCE(*(u64 *)addr, value);
		break;
	}
}

/* If the comparison fails, x86 writes the old value back. */
static noinline __noclone u32 poke_lock(void *addr)
{
	return cmpxchg((u32 *)addr, 0, 0);
}

static bool len_is_valid(unsigned int len)
{
	return len == 1 || len == 2 || len == 4 || len == 8;
}

static int poke(char *command)
{
	unsigned long long addr, value;
	unsigned int len, times;
	char end;

	command = strim(command);
	if (!strcmp(command, "word")) {
		last = (unsigned long)&word;
		return 0;
	}
	if (sscanf(command, "lock %llx%c", &addr, &end) == 1) {
		last = poke_lock((void *)(unsigned long)addr);
		return 0;
	}
	if (sscanf(command, "r %llx %u%c", &addr, &len, &end) == 2 && len_is_valid(len)) {
		last = poke_read((void *)(unsigned long)addr, len);
		return 0;
	}
	if (sscanf(command, "r %llx %u %u%c", &addr, &len, &times, &end) == 3 &&
	    len_is_valid(len)) {
		while (times--)
			last = poke_read((void *)(unsigned long)addr, len);
		return 0;
	}
	if (sscanf(command, "w %llx %u %llx%c", &addr, &len, &value, &end) == 3 &&
	    len_is_valid(len)) {
		poke_write((void *)(unsigned long)addr, len, value);
		last = value;
		return 0;
	}
	return -EINVAL;
}

static ssize_t poke_proc_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char *command;
	int err;

	if (size > 128)
		return -EINVAL;
	command = memdup_user_nul(from, size);
	if (IS_ERR(command))
		return PTR_ERR(command);
	err = poke(command);
	kfree(command);
	return err ?: size;
}

static int poke_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%llx\n", last);
	return 0;
}

static int poke_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, poke_show, NULL);
}

static const struct proc_ops poke_proc_ops = {
	.proc_open	= poke_proc_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= poke_proc_write,
};

static int __init poke_init(void)
{
	return proc_create("poke", 0600, NULL, &poke_proc_ops) ? 0 : -ENOMEM;
}

static void __exit poke_exit(void)
{
	remove_proc_entry("poke", NULL);
}

module_init(poke_init);
module_exit(poke_exit);
MODULE_DESCRIPTION("Loads and stores of kernel memory");
MODULE_LICENSE("GPL");
